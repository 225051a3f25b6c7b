"""Who competes: imports of the extension, and what people do without it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from bench import frames
from bench.rounds import Contestant
from bench.server import CleanRows, Database, announced_import, send

SQL = Path(__file__).parent / "sql"
OURS = "ours, bytes"
STREAMED = "ours, streamed"
COPY = "plain COPY"
COPY_SORTED = "plain COPY, sorted by customer"
STAGING = "staging + SQL"
PANDAS = "pandas + COPY"


def import_bytes(database: Database, file: Path) -> None:
    """The whole file as one parameter, in one statement."""
    function = {".csv": "import_csv", ".xlsx": "import_workbook"}[file.suffix]
    with database.connect() as connection:
        statement = f"SELECT status FROM rapport.{function}(%b, %s)"
        status = connection.execute(statement, (file.read_bytes(), file.name)).fetchone()
    if status != ("imported",):
        raise RuntimeError(f"{file.name} was not imported: {status}")


def ours(file: Path) -> Contestant:
    return Contestant(OURS, lambda database: import_bytes(database, file))


def start_program(program: str, database: Database, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [program, "import", "--max-file-mib", "512", str(file)], env={"RAPPORT_DATABASE_URL": database.url},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )


def streamed(program: str, file: Path) -> Contestant:
    """The command line program, its start included."""

    def run(database: Database) -> None:
        process = start_program(program, database, file)
        _, errors = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{program} import {file} failed: {errors}")

    return Contestant(STREAMED, run)


@dataclass(frozen=True)
class Peers:
    """The peers get the number of the import, and the plain COPYs the clean rows, from an import of ours."""

    clean: CleanRows
    file: Path

    def _prepare(self, connection: Connection) -> None:
        self.clean.announce_import(connection)

    def copy(self) -> Contestant:
        return Contestant(COPY, lambda database: self._copy(database, self.clean.rows), self._prepare)

    def copy_sorted(self) -> Contestant:
        return Contestant(COPY_SORTED, lambda database: self._copy(database, self.clean.sorted_rows), self._prepare)

    def _copy(self, database: Database, rows: Path) -> None:
        with database.connect() as connection:
            send(connection, f"COPY crm.interactions ({self.clean.columns}) FROM STDIN", rows)

    def staging(self) -> Contestant:
        def prepare(connection: Connection) -> None:
            self._prepare(connection)
            connection.execute((SQL / "staging_tables.sql").read_text())

        return Contestant(STAGING, self._staging, prepare)

    def _staging(self, database: Database) -> None:
        with database.connect() as connection, connection.transaction():
            import_id = announced_import(connection)
            send(
                connection,
                "COPY bench.staging (date_start, interaction, customers, topic, sentiment)"
                " FROM STDIN (FORMAT csv, HEADER)", self.file,
            )
            # As psql would fill in its variable, so that the file runs there too.
            clean = (SQL / "staging_clean.sql").read_text().replace(":import_id", str(import_id))
            connection.execute(clean)

    def pandas(self) -> Contestant:
        def prepare(connection: Connection) -> None:
            self._prepare(connection)
            connection.execute((SQL / "staging_tables.sql").read_text())

        return Contestant(PANDAS, lambda database: frames.import_workbook(database, self.file), prepare)
