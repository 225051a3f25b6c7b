"""Lets contestants take turns on fresh databases, and tells how long each took."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from psycopg import Connection

from bench.server import Database, Server, Stored, function_seconds


def nothing(_connection: Connection) -> None:
    """For contestants that need nothing prepared."""


@dataclass(frozen=True)
class Contestant:
    """`run` is measured, from opening its connection to its commit; `prepare` comes before that."""

    name: str
    run: Callable[[Database], None]
    prepare: Callable[[Connection], None] = nothing


@dataclass(frozen=True)
class Measurement:
    seconds: float
    stored: Stored
    functions: dict[str, float] = field(default_factory=dict)


Results = dict[str, list[Measurement]]


def measure(server: Server, contestant: Contestant) -> Measurement:
    with server.fresh_database() as database:
        with database.connect() as connection:
            contestant.prepare(connection)
            connection.execute("CHECKPOINT")
        started = perf_counter()
        contestant.run(database)
        seconds = perf_counter() - started
        functions = function_seconds(database)
        return Measurement(seconds, Stored.read(database), functions)


def take_turns(server: Server, contestants: Sequence[Contestant], repeat: int) -> Results:
    """Each round has every contestant once; every other round goes backwards."""
    results: Results = {contestant.name: [] for contestant in contestants}
    for number in range(1, repeat + 1):
        for contestant in contestants if number % 2 else reversed(contestants):
            measurement = measure(server, contestant)
            results[contestant.name].append(measurement)
            print(f"  round {number} of {repeat}: {contestant.name}: {measurement.seconds:.2f} s", flush=True)
    return results


def without_function(results: Results, name: str, function: str, as_name: str) -> Results:
    """The same runs less the time that one function took in them."""
    return {as_name: [
        Measurement(m.seconds - m.functions[function], m.stored, m.functions)
        for m in results[name] if function in m.functions
    ]}


def table(results: Results, baseline: str, rows: int) -> str:
    """Median and spread; ratios are taken within a round, for what slows the machine slows a round."""
    lines = [("contestant", "median s", "min–max s", "rows/s", f"× {baseline}", "min–max ×")]
    for name, measurements in results.items():
        if not measurements:
            continue
        seconds = [m.seconds for m in measurements]
        ratios = [m.seconds / base.seconds for m, base in zip(measurements, results[baseline], strict=True)]
        lines.append((
            name, f"{median(seconds):.2f}", f"{min(seconds):.2f}–{max(seconds):.2f}",
            f"{rows / median(seconds):,.0f}".replace(",", " "),
            f"{median(ratios):.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}",
        ))
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """A table as Markdown, to be pasted into the documents."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) if place == 0 else "-" * (width + 1) + ":"
                          for place, width in enumerate(widths)) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])


def differences(results: Results, baseline: str) -> list[str]:
    """Contestants that did not store the interactions that the baseline stored: their times mean nothing."""
    expected = results[baseline][0].stored
    return [
        f"{name} stored {m.stored.rows} interactions, {baseline} {expected.rows}: "
        + ("the same number, but others" if m.stored.rows == expected.rows else "not the same work")
        for name, measurements in results.items() for m in measurements[:1]
        if (m.stored.rows, m.stored.keys) != (expected.rows, expected.keys)
    ]
