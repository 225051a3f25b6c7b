"""The server that all contestants share, and the fresh database that each measurement gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import Connection

from bench import data

CHUNK = 1 << 20


@dataclass(frozen=True)
class Database:
    url: str

    def connect(self) -> Connection:
        return psycopg.connect(self.url, autocommit=True)

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(statement, parameters or None).fetchall()


@dataclass(frozen=True)
class Server:
    """`template` is migrated; after `load_customers` it has what every contestant finds."""

    template: str

    def _url(self, database: str) -> str:
        return self.template.rsplit("/", 1)[0] + "/" + database

    def load_customers(self) -> None:
        with Database(self.template).connect() as connection:
            copy_statement = "COPY crm.customers (customer_id, occupation, customer_type) FROM STDIN"
            with connection.cursor().copy(copy_statement) as copy:
                for row in data.customers():
                    copy.write_row(row)
            # The file of five million rows is larger than the default allows.
            connection.execute("ALTER ROLE CURRENT_USER SET rapport.max_file_size = 1023")
            connection.execute("VACUUM ANALYZE")

    @contextmanager
    def fresh_database(self, *settings: str) -> Iterator[Database]:
        """A copy of the template, written to disk before anybody begins, and dropped afterwards."""
        name = "rapport_bench_run"
        template = self.template.rsplit("/", 1)[1]
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            for setting in settings:
                connection.execute(f"ALTER DATABASE {name} SET {setting}")
            connection.execute("CHECKPOINT")
            try:
                yield Database(self._url(name))
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def send(connection: Connection, statement: str, path: Path) -> None:
    """COPY … FROM STDIN with the bytes of a file as they are, which is what psql's \\copy does."""
    with connection.cursor().copy(statement) as copy, path.open("rb") as file:
        while chunk := file.read(CHUNK):
            copy.write(chunk)


@dataclass(frozen=True)
class CleanRows:
    """What an import left in `crm.interactions`, as COPY reads it back: every column but the numbered one."""

    rows: Path
    sorted_rows: Path
    imports: Path
    columns: str
    imports_columns: str

    @classmethod
    def save(cls, database: Database, folder: Path) -> "CleanRows":
        columns, imports_columns = (_columns(database, table) for table in ("crm.interactions", "crm.imports"))
        clean = cls(
            folder / "clean_rows", folder / "sorted_rows", folder / "imports", columns, f"import_id, {imports_columns}",
        )
        query = f"SELECT {columns} FROM crm.interactions ORDER BY "
        _fetch(database, query + "source_row, interaction_id", clean.rows)
        _fetch(database, query + "customer_id, occurred_at, interaction_id", clean.sorted_rows)
        _fetch(database, f"SELECT {clean.imports_columns} FROM crm.imports", clean.imports)
        return clean

    def announce_import(self, connection: Connection) -> None:
        """The row that `import_id` refers to; peers do not make one themselves."""
        send(connection, f"COPY crm.imports ({self.imports_columns}) FROM STDIN", self.imports)


def announced_import(connection: Connection) -> int:
    ((import_id,),) = connection.execute("SELECT import_id FROM crm.imports").fetchall()
    return int(import_id)


def _columns(database: Database, table: str) -> str:
    ((columns,),) = database.query(
        """
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = ''
        """, table,
    )
    return str(columns)


def _fetch(database: Database, query: str, path: Path) -> None:
    statement = f"COPY ({query}) TO STDOUT"
    with database.connect() as connection, connection.cursor().copy(statement) as copy, path.open("wb") as file:
        file.writelines(copy)


@dataclass(frozen=True)
class Stored:
    """What is in the table in the end: how many interactions, and which."""

    rows: int
    keys: int

    @classmethod
    def read(cls, database: Database) -> "Stored":
        return cls(*database.query(
            """
            SELECT
                count(*),
                coalesce(sum(hashtextextended(concat_ws('|', customer_id, occurred_at, lower(channel)), 0)), 0)
            FROM crm.interactions AS i
            """,
        )[0])


def function_seconds(database: Database) -> dict[str, float]:
    """Seconds in each function of the extension that is written in SQL or PL/pgSQL, with what it calls.

    A backend hands its counts in when it ends, so those of the measured one are waited for.
    """
    deadline = monotonic() + 10
    with database.connect() as connection:
        while connection.execute(
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            """,
        ).fetchone():
            if monotonic() > deadline:
                raise TimeoutError("a backend of the measured contestant does not end")
            sleep(0.01)
        return dict(connection.execute(
            """
            SELECT funcname, sum(total_time) / 1000 FROM pg_stat_user_functions
            WHERE schemaname = 'rapport' GROUP BY funcname
            """,
        ).fetchall())
