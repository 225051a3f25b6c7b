"""The benchmarks: CSV, workbook, memory, upkeep of the statistics, retrieval. Each prints its tables and says whether they may be believed."""

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import fastexcel

from bench import contestants, data, memory, retrieval, rounds, upkeep
from bench.contestants import COPY, OURS, PANDAS, STREAMED, Peers
from bench.rounds import Results
from bench.server import CleanRows, Database, Server

REFRESH = "refresh_stats"
WITHOUT_REFRESH = " without refreshing the statistics"


@dataclass(frozen=True)
class Place:
    """Where the contestants meet: the server, a folder for files, the program `rapport`, the reader of workbooks."""

    server: Server
    folder: Path
    program: str
    reader: str

    def make(self, name: str, write: Callable[[Path, int], None], rows: int) -> Path:
        file = self.folder / name
        write(file, rows)
        load = os.getloadavg()[0]
        print(f"{name}: {rows} rows, {file.stat().st_size} bytes, seed {data.SEED}; load average {load:.1f}")
        return file

    def peers(self, file: Path) -> Peers:
        """An import of ours that is not measured makes the clean rows, and warms the machine up."""
        with self.server.fresh_database() as database:
            contestants.import_bytes(database, file)
            return Peers(CleanRows.save(database, self.folder), file)


def import_csv(place: Place, rows: int, repeat: int) -> bool:
    file = place.make("interactions.csv", data.write_csv, rows)
    peers = place.peers(file)
    field = [
        contestants.ours(file), contestants.streamed(place.program, file),
        peers.copy(), peers.copy_sorted(), peers.staging(),
    ]
    return _show("import-csv", rounds.take_turns(place.server, field, repeat), COPY, rows)


def import_xlsx(place: Place, rows: int, repeat: int) -> bool:
    file = place.make("interactions.xlsx", data.write_workbook, rows)
    _parse_workbook(place, file, rows, repeat)
    field = [contestants.ours(file), contestants.streamed(place.program, file), place.peers(file).pandas()]
    return _show("import-xlsx", rounds.take_turns(place.server, field, repeat), PANDAS, rows)


def _show(title: str, results: Results, baseline: str, rows: int) -> bool:
    shown: Results = {}
    for name, measurements in results.items():
        shown[name] = measurements
        if name in (OURS, STREAMED):
            shown |= rounds.without_function(results, name, REFRESH, name + WITHOUT_REFRESH)
    print(f"\n{title}, {rows} rows, {len(results[baseline])} rounds\n")
    print(rounds.table(shown, baseline, rows))
    print("\nSeconds in functions of ours, with what they call (first round):")
    functions = sorted(results[OURS][0].functions.items(), key=lambda pair: -pair[1])
    print("  " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in functions if seconds >= 0.01) + "\n")
    doubts = rounds.differences(results, baseline)
    for doubt in doubts:
        print(f"NOT COMPARABLE: {doubt}")
    return not doubts


def _parse_workbook(place: Place, file: Path, rows: int, repeat: int) -> None:
    """Cells per second. fastexcel reads into Arrow columns; ours only reads, or cleans in a backend.

    Cleaning parses a sheet once if its rows fit into memory, else twice.
    """
    content = file.read_bytes()
    with place.server.fresh_database() as database, database.connect() as connection:

        def fast() -> float:
            started = perf_counter()
            read = fastexcel.read_excel(content).load_sheet_eager(data.INTERACTIONS_SHEET).num_rows
            seconds = perf_counter() - started
            if read != rows:
                raise RuntimeError(f"fastexcel read {read} rows of {rows}")
            return seconds

        def read_only() -> float:
            command = [place.reader, str(file), data.INTERACTIONS_SHEET]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = re.fullmatch(r"(\d+) rows, \d+ cells, ([\d.]+) s\n", said)
            # The header is a row of its own.
            if not found or int(found[1]) != rows + 1:
                raise RuntimeError(f"{place.reader} says: {said}")
            return float(found[2])

        def clean() -> float:
            started = perf_counter()
            statement = "SELECT count(*) FROM rapport.read_file(%b, %s, 'xlsx')"
            connection.execute(statement, (content, file.name)).fetchall()
            return perf_counter() - started

        contestants = {"fastexcel": fast, "ours, reading alone": read_only, "ours, cleaned (rapport.read_file)": clean}
        rounds_of = [{name: measure() for name, measure in contestants.items()} for _ in range(repeat)]
    lines = [("workbook in memory", "median s", "min–max s", "cells/s", "× the speed of fastexcel")]
    for name in contestants:
        seconds = [measured[name] for measured in rounds_of]
        speed = median(measured["fastexcel"] / measured[name] for measured in rounds_of)
        lines.append((
            name, f"{median(seconds):.2f}", f"{min(seconds):.2f}–{max(seconds):.2f}",
            f"{rows * len(data.HEADER) / median(seconds):,.0f}".replace(",", " "), f"{speed:.2f}",
        ))
    print("\n" + rounds.aligned(lines) + "\n", flush=True)


def measure_memory(place: Place, rows: int, repeat: int) -> bool:
    """With PostgreSQL's own work_mem, as a server has it that nobody tuned."""
    file = place.make("interactions.csv", data.write_csv, rows)
    size = file.stat().st_size
    header = ("memory", "file MB", "backend grew by MB", "beyond the file MB", "client at its peak MB")
    lines: list[tuple[str, ...]] = [header]
    for path in (OURS, STREAMED):
        growths, clients = [], []
        for _ in range(repeat):
            with place.server.fresh_database("work_mem = '4MB'") as database, memory.watching(database) as watch:
                clients.append(_import_watched(place, path, file, database))
            growths.append(watch.growth)
        growth = max(growths)
        lines.append((path, *(f"{value / memory.MEGABYTE:.0f}" for value in (size, growth, growth - size)),
                      f"{max(clients) / memory.MEGABYTE:.0f}" if path == STREAMED else "—"))
    print(f"\nmemory, {rows} rows, the worst of {repeat} runs; 1 MB is 1 048 576 bytes\n\n{rounds.aligned(lines)}\n")
    return True


def _import_watched(place: Place, path: str, file: Path, database: Database) -> int:
    """Imports the file and returns the peak of the client's memory, where the client is the program."""
    if path == OURS:
        contestants.import_bytes(database, file)
        return 0
    # Not getrusage(): its peak includes what the parent had when it started the program.
    peak = 0
    with contestants.start_program(place.program, database, file) as process:
        while process.poll() is None:
            peak = max(peak, memory.read_status(process.pid).get("VmHWM", 0))
            sleep(memory.PAUSE)
        if process.returncode != 0:
            raise RuntimeError(f"{place.program} import {file} failed: {process.stderr and process.stderr.read()}")
    return peak


def keep_statistics(place: Place, rows: int, repeat: int) -> bool:
    """A small and a ten times larger history."""
    measured = {}
    for size in (rows // 10, rows):
        with place.server.fresh_database() as database:
            history = upkeep.Upkeep(database, size)
            history.fill()
            measured[size] = history.measure(repeat)
            ours, theirs = history.tenth(1 if size > 2_000_000 else repeat)
            print(f"\n{size} rows: a tenth more, counts kept and views refreshed: {ours:.1f} s; "
                  f"written without counts, views over rows refreshed: {theirs:.1f} s; ratio {ours / theirs:.2f}")
            sizes = history.sizes()
            print("MB: " + ", ".join(f"{name} {size:.0f}" for name, size in sizes)
                  + f"; together {sum(size for _, size in sizes):.0f}", flush=True)
    print(f"\nstatistics, {upkeep.CHANGED} changed rows, the median of {repeat}\n\n{upkeep.table(measured)}\n")
    return True


def find(place: Place, rows: int, _repeat: int) -> bool:
    with place.server.fresh_database() as database:
        history = retrieval.Retrieval(database, rows)
        history.fill()
        print(f"\nretrieval, {retrieval.ASKED} questions, medians\n\n{retrieval.tables(history)}\n")
    return True


@dataclass(frozen=True)
class Benchmark:
    run: Callable[[Place, int, int], bool]
    rows: int


ALL = {
    "import-csv": Benchmark(import_csv, 500_000),
    "import-xlsx": Benchmark(import_xlsx, 100_000),
    "memory": Benchmark(measure_memory, 500_000),
    "statistics": Benchmark(keep_statistics, 1_000_000),
    "retrieval": Benchmark(find, 1_000_000),
}
