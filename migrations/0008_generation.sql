-- What the generating functions consult.

CREATE SCHEMA IF NOT EXISTS rapport;

CREATE TABLE rapport.sensitive_topics (
    topic text PRIMARY KEY CHECK (topic <> '')
);
COMMENT ON TABLE rapport.sensitive_topics IS
'Topics after which a draft gives no medical advice, points to the safety contact and needs a review. Case does not matter.';
INSERT INTO rapport.sensitive_topics (topic) VALUES ('Adverse Event Report');
