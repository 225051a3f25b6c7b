-- The functions. They live in the extension: dropping it drops no data. Schemas are named, for a
-- role called rapport has the schema rapport first in its search path.

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS rapport WITH SCHEMA rapport;
