-- The statistics of data quality leave out imports that were undone, and say how grave a rule is.

-- Made again below, with the same columns and one more.
-- squawk-ignore ban-drop-view
DROP VIEW bi.data_quality;
-- squawk-ignore ban-drop-view
DROP MATERIALIZED VIEW stats.data_quality;

CREATE MATERIALIZED VIEW stats.data_quality AS
SELECT
    coalesce(l.import_id, 0) AS import_id,
    coalesce(i.file_name, 'inherited database') AS file_name,
    i.imported_at,
    l.sheet,
    l.severity,
    l.action,
    l.rule,
    count(*) AS entries
FROM crm.ledger_in_force AS l
LEFT JOIN crm.imports AS i ON l.import_id = i.import_id
GROUP BY 1, 2, 3, 4, 5, 6, 7;
CREATE UNIQUE INDEX data_quality_key ON stats.data_quality (import_id, sheet, severity, action, rule);

CREATE VIEW bi.data_quality AS
SELECT s.import_id, s.file_name, s.imported_at, s.sheet, s.severity, s.action, s.rule, s.entries, r.refreshed_at
FROM stats.data_quality AS s, stats.refreshes AS r
WHERE r.view_name = 'data_quality';
COMMENT ON VIEW bi.data_quality IS 'How many cells and rows each import had to repair, merge or reject, and by which rule.';
COMMENT ON COLUMN bi.data_quality.import_id IS 'Number of the import; 0 for the inherited tables.';
COMMENT ON COLUMN bi.data_quality.file_name IS 'Name of the imported file.';
COMMENT ON COLUMN bi.data_quality.imported_at IS 'When the file was imported.';
COMMENT ON COLUMN bi.data_quality.sheet IS 'Sheet of the workbook, or name of the CSV file.';
COMMENT ON COLUMN bi.data_quality.severity IS 'info, warning or error.';
COMMENT ON COLUMN bi.data_quality.action IS 'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected or ambiguous.';
COMMENT ON COLUMN bi.data_quality.rule IS 'Name of the cleaning rule.';
COMMENT ON COLUMN bi.data_quality.entries IS 'Number of ledger entries.';
COMMENT ON COLUMN bi.data_quality.refreshed_at IS 'When this view was last refreshed.';
GRANT SELECT ON bi.data_quality TO rapport_analyst, rapport_bi;
