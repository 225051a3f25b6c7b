-- The functions live in an extension: dropping it drops no data. Schemas are named, for a role
-- called rapport has the schema rapport first in its search path.

CREATE SCHEMA IF NOT EXISTS rapport;
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS rapport WITH SCHEMA rapport;
