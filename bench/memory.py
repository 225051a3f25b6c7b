"""How much memory of its own a backend takes while it imports.

`VmHWM`, the only high-water mark that the kernel keeps, counts the pages of shared buffers that the
backend has touched, which are no cost of the import. So the private part (RssAnon) is looked at every
few milliseconds. What a look may miss shows in the high-water mark less the shared and file pages
of that moment: those only ever grow, so that the private part was at least that large before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from psycopg import Connection

from bench.server import Database

PAUSE = 0.002
MEGABYTE = 1 << 20


@dataclass
class Watch:
    """The client backends of one database but the watching one, which is the measure of an idle backend."""

    database: Database
    peaks: dict[int, int] = field(default_factory=dict)
    idle: int = 0
    stop: Event = field(default_factory=Event)
    ready: Event = field(default_factory=Event)

    @property
    def growth(self) -> int:
        """How many bytes the largest backend had more than an idle one has."""
        return max(self.peaks.values()) - self.idle

    def look(self, pid: int) -> None:
        status = read_status(pid)
        if "RssAnon" in status:
            high_water = status["VmHWM"] - status["RssShmem"] - status["RssFile"]
            self.peaks[pid] = max(self.peaks.get(pid, 0), status["RssAnon"], high_water)

    def run(self) -> None:
        with self.database.connect() as connection:
            self.find_backends(connection)
            self.idle = read_status(connection.info.backend_pid)["RssAnon"]
            self.ready.set()
            looks = 0
            while not self.stop.wait(PAUSE):
                # New backends are asked for all the time until there is one, then now and then.
                if not self.peaks or looks % 50 == 0:
                    self.find_backends(connection)
                for pid in list(self.peaks):
                    self.look(pid)
                looks += 1

    def find_backends(self, connection: Connection) -> None:
        for (pid,) in connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        ).fetchall():
            self.look(pid)


def read_status(pid: int) -> dict[str, int]:
    """The figures of /proc/PID/status that are sizes, in bytes; nothing for a process that ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    pairs = (line.split(":", 1) for line in lines if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}


@contextmanager
def watching(database: Database) -> Iterator[Watch]:
    watch = Watch(database)
    thread = Thread(target=watch.run)
    thread.start()
    try:
        if not watch.ready.wait(timeout=60):
            raise TimeoutError("the memory of the backends cannot be watched")
        yield watch
    finally:
        watch.stop.set()
        thread.join()
