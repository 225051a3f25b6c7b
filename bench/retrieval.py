"""What it costs to find interactions, beside the indexes that are asked for it, and how many are missed.

The peers are what one would write with pgvector alone: for a customer, the index of all vectors with a filter and
iterative scans; for all customers, the nearest vectors by HNSW and the best texts by full-text search, each alone.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from psycopg import Connection

from bench.rounds import aligned
from bench.server import Database

ROOT = Path(__file__).resolve().parents[1]
SQL = Path(__file__).parent / "sql"
ASKED = 100

OURS_OF_CUSTOMER = "SELECT interaction_id FROM rapport.relevant_interactions(%s, %s, 10)"
ALL_OF_CUSTOMER = """
    SELECT interaction_id FROM rapport.relevant_interactions(%s, %s, 1000)
    ORDER BY vector_score DESC, interaction_id LIMIT 10
"""
FILTERED = """
    SELECT interaction_id FROM bench.vectors WHERE customer_id = %s
    ORDER BY embedding <#> rapport.embed(%s)::vector LIMIT 10
"""
BRUTE_FORCE = """
    SELECT v.interaction_id FROM (SELECT * FROM bench.vectors WHERE customer_id = %s OFFSET 0) AS v
    ORDER BY greatest(0, -(v.embedding <#> rapport.embed(%s)::vector))::real DESC, v.interaction_id LIMIT 10
"""
OURS = "SELECT interaction_id FROM rapport.search_interactions(%s, 10)"
NEAREST = """
    SELECT passage_id FROM crm.passages WHERE model = 'static/1' AND NOT is_fresh
    ORDER BY (embedding::halfvec(256)) <#> rapport.embed(%s)::halfvec(256) LIMIT 100
"""
WORDED = """
    SELECT p.passage_id FROM crm.passages AS p, rapport.weighed_words(%s) AS w
    WHERE p.words @@ w.half_of ORDER BY ts_rank(p.words, w.half_of) DESC LIMIT 100
"""


@dataclass(frozen=True)
class Taken:
    """Milliseconds of each question, and what was found."""

    milliseconds: list[float]
    found: list[list[Any]]

    def at(self, part: float) -> float:
        return quantiles(self.milliseconds, n=100)[round(100 * part) - 1]

    def recall(self, exact: "Taken") -> float:
        pairs = list(zip(self.found, exact.found, strict=True))
        return sum(len(set(ours) & set(right)) for ours, right in pairs) / sum(len(right) for _, right in pairs)


@dataclass(frozen=True)
class Retrieval:
    database: Database
    rows: int

    def fill(self) -> None:
        with self.database.connect() as connection:
            connection.execute("CREATE SCHEMA bench")
            connection.execute("CREATE TABLE bench.notes (number bigint, channel text, topic text, sentiment text, notes text)")
            with connection.cursor().copy("COPY bench.notes FROM STDIN") as copy:
                for number, row in enumerate(_notes()):
                    copy.write_row((number, *row))
            connection.execute("SET maintenance_work_mem = '4GB'")
            for statement in (SQL / "noted_history.sql").read_text().replace(":rows", str(self.rows)).split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute("VACUUM ANALYZE")

    def of_customers(self) -> list[tuple[str, Taken, Taken, float, float]]:
        """For each size of a history: ours, the filtered index, and the recall of both."""
        measured = []
        with self.database.connect() as connection:
            connection.execute("SET jit = off")
            connection.execute("SET hnsw.iterative_scan = 'relaxed_order'")
            for rows, customers in ((100, range(1, ASKED + 1)), (1000, range(40001, 40011))):
                asked = [(customers[n % len(customers)], question) for n, question in enumerate(_questions()[:ASKED])]
                right = _ask(connection, BRUTE_FORCE, asked)
                ours, peer = _ask(connection, OURS_OF_CUSTOMER, asked), _ask(connection, FILTERED, asked)
                recall = _ask(connection, ALL_OF_CUSTOMER, asked).recall(right)
                measured.append((f"{rows} interactions", ours, peer, recall, peer.recall(right)))
        return measured

    def of_all(self) -> tuple[Taken, Taken, Taken, float]:
        """Ours, its two rankings alone, and the recall of ours."""
        asked = [(question,) for question in _questions()[:ASKED]]
        with self.database.connect() as connection:
            connection.execute("SET jit = off")
            connection.execute("SET hnsw.ef_search = 400")
            ours, nearest, worded = _take_turns(connection, (OURS, NEAREST, WORDED), asked)
            connection.execute("BEGIN")
            connection.execute("DROP INDEX crm.passages_static_1")
            exact = Taken([], [_rows(connection, OURS, question) for question in asked])
            connection.execute("ROLLBACK")
            return ours, nearest, worded, ours.recall(exact)


def _notes() -> list[tuple[str | None, ...]]:
    with (ROOT / "eval/interactions.csv").open(encoding="utf-8", newline="") as file:
        return [
            tuple(row[name] or None for name in ("Interaction", "Topic", "Sentiment", "Notes"))
            for row in csv.DictReader(file) if row["Notes"]
        ]


def _questions() -> list[str]:
    """Those of all classes, mixed."""
    asked = json.loads((ROOT / "eval/queries.json").read_text(encoding="utf-8"))
    questions = [query["query"] for query in asked if query["customer_id"] is None and query["class"] != "counting"]
    return [question for first in range(7) for question in questions[first::7]]


def _rows(connection: Connection, statement: str, parameters: Sequence[object]) -> list[Any]:
    return [row[0] for row in connection.execute(statement, parameters, prepare=True).fetchall()]


def _ask(connection: Connection, statement: str, asked: Sequence[Sequence[object]]) -> Taken:
    """Twice, of which the second time counts: all have their pages in memory then."""
    for _ in range(2):
        now = Taken([], [])
        for parameters in asked:
            started = perf_counter()
            found = _rows(connection, statement, parameters)
            now.milliseconds.append(1000 * (perf_counter() - started))
            now.found.append(found)
    return now


def _take_turns(
    connection: Connection, statements: Sequence[str], asked: Sequence[Sequence[object]],
) -> list[Taken]:
    """Question by question, as what one reads another finds in memory, every other question backwards.

    Three rounds: the first is not counted, the others have the opposite order, and their mean is taken.
    """
    taken = [Taken([], []) for _ in statements]
    for round_number in range(3):
        for number, parameters in enumerate(asked):
            turns = list(zip(statements, taken, strict=True))
            for statement, mine in turns if (number + round_number) % 2 else reversed(turns):
                started = perf_counter()
                found = _rows(connection, statement, parameters)
                milliseconds = 1000 * (perf_counter() - started)
                if round_number == 1:
                    mine.milliseconds.append(milliseconds)
                    mine.found.append(found)
                elif round_number == 2:
                    mine.milliseconds[number] = (mine.milliseconds[number] + milliseconds) / 2
    return taken


def tables(retrieval: Retrieval) -> str:
    lines = [("one customer", "ours ms", "p95 ms", "filtered HNSW ms", "ratio", "recall of ours", "of the peer")]
    for name, ours, peer, recall, peers in retrieval.of_customers():
        lines.append((
            name, f"{ours.at(.5):.2f}", f"{ours.at(.95):.2f}", f"{peer.at(.5):.1f}",
            f"{median(peer.milliseconds) / median(ours.milliseconds):.1f}", f"{recall:.3f}", f"{peers:.3f}",
        ))
    ours, nearest, worded, recall = retrieval.of_all()
    bare = [one + other for one, other in zip(nearest.milliseconds, worded.milliseconds, strict=True)]
    ratio = median(one / other for one, other in zip(ours.milliseconds, bare, strict=True))
    found = [("all customers", "ours ms", "p95 ms", "HNSW ms", "full text ms", "ours / both", "of the sums", "recall")]
    found.append((
        f"{retrieval.rows} interactions", f"{ours.at(.5):.1f}", f"{ours.at(.95):.1f}", f"{nearest.at(.5):.1f}",
        f"{worded.at(.5):.1f}", f"{ratio:.2f}", f"{sum(ours.milliseconds) / sum(bare):.2f}", f"{recall:.3f}",
    ))
    return aligned(lines) + "\n\n" + aligned(found)
