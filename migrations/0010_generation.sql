-- What the generating functions consult. Too many drafts to review do no harm; one too few does.

CREATE SCHEMA IF NOT EXISTS rapport;

CREATE TABLE rapport.sensitive_topics (
    topic text PRIMARY KEY CHECK (topic <> '' AND topic = btrim(topic))
);
COMMENT ON TABLE rapport.sensitive_topics IS
'Words that mark a safety matter where they stand in a topic or in notes, whatever their case. The draft then gives no medical advice, points to the safety contact and needs a review.';
INSERT INTO rapport.sensitive_topics (topic) VALUES
('Adverse Event Report'),
('Adverse'),
('Hospital'),
('Overdose'),
('Death'),
('Died'),
('Medication Error');
