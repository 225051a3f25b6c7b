-- Comments and privileges of the functions that are written in Rust.

COMMENT ON FUNCTION rapport.version() IS
'Version of the extension. Example: SELECT rapport.version();';
COMMENT ON FUNCTION rapport.clean_label(text) IS
'Repairs a label: white space, invisible characters, composed accents, mojibake. NULL when nothing is left; never drops a value for looking odd. Example: SELECT rapport.clean_label(''  Drug   Efficacy '');';
COMMENT ON FUNCTION rapport.clean_channel(text) IS
'Repairs a channel like clean_label, and writes well-known ones with their usual capitals. Example: SELECT rapport.clean_channel('' EMAIL '');';
COMMENT ON FUNCTION rapport.clean_sentiment(text) IS
'Repairs a sentiment like clean_label, and writes Positive, Neutral and Negative with a capital. Example: SELECT rapport.clean_sentiment(''negative'');';
COMMENT ON FUNCTION rapport.clean_customer_id(text) IS
'Reads the one customer id of a cell. Raises 22023 when there is none, or more than one. Example: SELECT rapport.clean_customer_id(''12in'');';
COMMENT ON FUNCTION rapport.clean_timestamp(text, text) IS
'Reads a date with or without time. date_order is DMY or MDY; yyyy-mm-dd is read in either. Raises 22023 for what is no date. Example: SELECT rapport.clean_timestamp(''04/10/2019 09:00'');';
COMMENT ON FUNCTION rapport.clean_month(text) IS
'Reads a month such as 01-2019 as its first day. Raises 22023 for what is no month. Example: SELECT rapport.clean_month(''01-2019'');';
COMMENT ON FUNCTION rapport.cleaning_rules() IS
'Every rule that cleaning and merging apply, with its version, how grave it is, what it does, and whether crm.rule_policies may make it reject. Example: SELECT rule, action, description FROM rapport.cleaning_rules();';
COMMENT ON FUNCTION rapport.spreadsheet_safe(text) IS
'A text that a spreadsheet program does not take for a formula: what begins with = + - @, a tab or a carriage return gets an apostrophe in front, and so does each = + - @ behind a semicolon, a tab or a line break, where some programs begin a new cell. For exports; stored data stays as it is. Example: SELECT rapport.spreadsheet_safe(''=1+1'');';
COMMENT ON FUNCTION rapport.csv_line(text[]) IS
'One line of a CSV file, quoted and safe to open in a spreadsheet program; NULL is an empty field. Example: SELECT rapport.csv_line(''a "b"'', ''=1+1'', NULL);';
COMMENT ON FUNCTION rapport.embed(text, text) IS
'A text as a vector of length 1 that says what it is about; NULL when the embedder knows none of its words. The same text has the same vector for ever, and vectors of two models are never compared. Raises 22023 for an unknown model. Example: SELECT rapport.embed(''side effects'')::vector <#> rapport.embed(''nausea'')::vector;';
COMMENT ON FUNCTION rapport.embed_all(text[], text) IS
'At most 10 000 texts as vectors, each with the place of its text, from 1. Raises 22023 for more. Example: SELECT place, embedding[1] FROM rapport.embed_all(ARRAY[''nausea'', ''price'']);';
COMMENT ON FUNCTION rapport.embedders() IS
'The embedders with the number of components of their vectors: static is distilled from a language model and compares meanings, hash compares letters. Example: SELECT * FROM rapport.embedders();';
COMMENT ON FUNCTION rapport.word_weight(text) IS
'How much a word says, from about 0.4 for "the": what the static embedder learned, twice as much for names and codes. Example: SELECT rapport.word_weight(''nausea'');';
COMMENT ON FUNCTION rapport.half_of(text[], real[]) IS
'The condition that a text has words with at least half of the weight of all, written as a tsquery of the words as they are given. Example: SELECT rapport.half_of(ARRAY[''nausea'', ''price'', ''drug''], ARRAY[4, 3, 2]);';
COMMENT ON FUNCTION rapport.passages_of(text, text) IS
'What an interaction says: its topic, cut to 500 characters, and its notes in parts of at most 1 000, numbered from 0. Example: SELECT * FROM rapport.passages_of(''Side Effects'', ''Nausea at night.'');';
COMMENT ON FUNCTION rapport.diverse(real[], real[], real, integer) IS
'Chooses places of results, from 1, by maximal marginal relevance: the best ones that are not alike. likenesses has, row by row, how alike each is to each other; relevance from 0 to 1 is the weight of the scores. Example: SELECT rapport.diverse(ARRAY[0.9, 0.89, 0.5], ARRAY[1, 1, 0, 1, 1, 0, 0, 0, 1], 0.5, 2);';
COMMENT ON FUNCTION rapport.read_file(bytea, text, text, jsonb) IS
'Reads and cleans a file of the format xlsx or csv without storing anything; without content it reads what the session uploaded, or staged for the format query. "context" holds stored spellings, synonyms and policies; "entries" are the ledger entries of a row. Example: SELECT * FROM rapport.read_file(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';
COMMENT ON FUNCTION rapport.source_digest(text) IS
'SHA-256 of the uploaded file, or of the rows of the staged query, by which an import knows what was imported before. Example: SELECT rapport.upload_content(''abc''); SELECT encode(rapport.source_digest(''csv''), ''hex'');';
COMMENT ON FUNCTION rapport.read_question(text, jsonb) IS
'How a question would be answered, with the labels of each kind that the data has. Example: SELECT rapport.read_question(''How many calls were there in 2020?'', ''{"channels": ["Call"]}'');';
COMMENT ON FUNCTION rapport.generate(jsonb, text) IS
'Has a model do what a request asks for, refuses every sentence that the data do not support, and keeps the outcome; the same request gets the same outcome again without a call. With the rights of its owner, as nobody else writes rapport.generations. Raises 42501 for a model that is not chosen for the task, unless the caller may choose. Example: SELECT rapport.generate(''{"task": "email", "facts": {"customer_id": 6, "total_interactions": 0}, "evidence": []}'', ''mock'');';
COMMENT ON FUNCTION rapport.generate_anew(jsonb, text) IS
'What rapport.generate does, though it was done before, and without keeping anything. Example: SELECT rapport.generate_anew(''{"task": "email", "facts": {"customer_id": 6}}'', ''mock'');';
COMMENT ON FUNCTION rapport.describe_request(jsonb, text) IS
'What a model would be given, and the number of the outcome that is kept, without a call. With the rights of its owner, as nobody else reads rapport.generations; the key of an outcome is made of the request. Example: SELECT rapport.describe_request(''{"task": "email", "facts": {"customer_id": 6}}'', ''mock'') ->> ''prompt'';';

COMMENT ON FUNCTION rapport.check_model(jsonb) IS
'Raises 22023 for a row of rapport.model that no call could be made with: an unknown dialect, an address that is none, parameters that would replace what the dialect writes. Example: SELECT rapport.check_model(''{"name": "m", "dialect": "mock", "timeout_seconds": 60, "attempts": 1}'');';
COMMENT ON FUNCTION rapport.dialects() IS
'The wire formats in which models can be asked; mock needs no network. Example: SELECT * FROM rapport.dialects();';
COMMENT ON FUNCTION rapport.probe_model(text) IS
'What rapport.test_model does, for one that exists. Example: SELECT rapport.probe_model(''mock'');';

REVOKE EXECUTE ON FUNCTION
rapport.read_file(bytea, text, text, jsonb), rapport.source_digest(text), rapport.generate(jsonb, text), rapport.generate_anew(jsonb, text),
rapport.describe_request(jsonb, text), rapport.check_model(jsonb), rapport.dialects(),
rapport.probe_model(text)
FROM PUBLIC;
ALTER FUNCTION rapport.read_file(bytea, text, text, jsonb) ROWS 10000;
ALTER FUNCTION rapport.cleaning_rules() ROWS 60;
