"""What it costs to keep the statistics fresh, and to ask for them, beside materialized views over the rows.

The peer is the usual way: `bench/sql/raw_views.sql` has the same statistics as materialized views over the
facts themselves, refreshed concurrently.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from psycopg import Connection

from bench.rounds import aligned
from bench.server import Database

SQL = Path(__file__).parent / "sql"
# Interactions of one customer; a larger history has more customers, not longer ones.
PER_CUSTOMER = 20
CHANGED = 1000
VIEWS = ("interactions_per_product", "monthly_activity", "topic_sentiment", "customer_overview")
COUNTING = ("count_inserted", "count_updated", "count_deleted")


@dataclass(frozen=True)
class Upkeep:
    """The database of one size."""

    database: Database
    rows: int

    def fill(self) -> None:
        with self.database.connect() as connection:
            connection.execute((SQL / "history.sql").read_text().replace(":rows", str(self.rows))
                               .replace(":per_customer", str(PER_CUSTOMER)))
            connection.execute("VACUUM ANALYZE")
            connection.execute((SQL / "raw_views.sql").read_text())
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
            ((differences,),) = connection.execute("SELECT count(*) FROM rapport.verify_stats()").fetchall()
            if differences:
                raise RuntimeError(f"{differences} counts are wrong")

    def measure(self, repeat: int) -> dict[str, float]:
        with self.database.connect() as connection:
            return {
                "insert, ms": median(self._trigger_ms(connection, self._insert(CHANGED)) for _ in range(repeat)),
                "update, ms": median(self._trigger_ms(connection, self._update(CHANGED)) for _ in range(repeat)),
                "delete, ms": median(self._trigger_ms(connection, self._delete(CHANGED)) for _ in range(repeat)),
                "one row, ms": median(self._trigger_ms(connection, self._insert(1)) for _ in range(repeat)),
                "refresh of ours, ms": median(self._our_refresh(connection) for _ in range(repeat)),
                "refresh over rows, ms": median(self._raw_refresh(connection, "CONCURRENTLY") for _ in range(repeat)),
                "matrix, ms": self._asked(connection, "SELECT * FROM rapport.interactions_per_product()", 20 * repeat),
                "matrix of a period, ms": self._asked(
                    connection,
                    "SELECT * FROM rapport.interactions_per_product(since => '2015-03-10', until => '2019-11-20')",
                    20 * repeat),
                "matrix over rows, ms": self._asked(connection, (SQL / "raw_matrix.sql").read_text(), repeat),
                "customer, ms": self._asked(
                    connection, "SELECT to_jsonb(s) FROM rapport.customer_statistics(4711) AS s", 200 * repeat),
                "row by key, ms": self._asked(
                    connection, "SELECT to_jsonb(c) FROM crm.customers AS c WHERE c.customer_id = 4711", 200 * repeat),
            }

    def sizes(self) -> list[tuple[str, float]]:
        """In MB of 1 048 576 bytes, the largest first."""
        return [(name, float(size)) for name, size in self.database.query(
            """
            SELECT c.oid::regclass::text, pg_relation_size(c.oid) / 1048576.0
            FROM pg_class AS c
            WHERE c.relnamespace IN ('crm'::regnamespace, 'stats'::regnamespace) AND c.relkind IN ('r', 'i', 'm')
                AND pg_relation_size(c.oid) > 1048576
            ORDER BY 2 DESC
            """,
        )]

    def tenth(self, repeat: int) -> tuple[float, float]:
        """Seconds of a change of a tenth, ours and the write plus a plain refresh over the rows."""
        with self.database.connect() as connection:
            ours, theirs = [], []
            for _ in range(repeat):
                ours.append(self._rolled_back(connection, lambda: self._write_and_refresh(connection)))
                theirs.append(self._rolled_back(connection, lambda: self._write_without_counts(connection)))
            return median(ours), median(theirs)

    def _insert(self, count: int) -> str:
        return f"""
            INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
            SELECT
                1 + (random() * {self.rows // PER_CUSTOMER - 1})::bigint,
                timestamp '2014-01-01' + random() * interval '3600 days', 'Channel ' || n % 6, 'Topic ' || n % 20,
                'Sentiment ' || n % 3
            FROM generate_series(1, {count}) AS n
        """

    def _update(self, count: int) -> str:
        return f"UPDATE crm.interactions SET topic = 'Topic 1', sentiment = NULL {self._chosen(count)}"

    def _delete(self, count: int) -> str:
        return f"DELETE FROM crm.interactions {self._chosen(count)}"

    def _chosen(self, count: int) -> str:
        return f"WHERE interaction_id = ANY (ARRAY(SELECT 1 + n * {self.rows // count} FROM generate_series(0, {count - 1}) AS n))"

    def _trigger_ms(self, connection: Connection, statement: str) -> float:
        connection.execute("BEGIN")
        ((plan,),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}").fetchall()
        connection.execute("ROLLBACK")
        plan = plan if isinstance(plan, list) else json.loads(plan)
        return sum(t["Time"] for t in plan[0]["Triggers"] if t["Trigger Name"] in COUNTING)

    def _our_refresh(self, connection: Connection) -> float:
        connection.execute(self._insert(CHANGED))
        started = perf_counter()
        connection.execute("SELECT rapport.refresh_stats()")
        return 1000 * (perf_counter() - started)

    def _raw_refresh(self, connection: Connection, how: str) -> float:
        started = perf_counter()
        for view in VIEWS:
            connection.execute(f"REFRESH MATERIALIZED VIEW {how} bench.{view}")
        return 1000 * (perf_counter() - started)

    def _asked(self, connection: Connection, statement: str, times: int) -> float:
        """The median of a prepared statement."""
        taken = []
        for _ in range(times + 2):
            started = perf_counter()
            connection.execute(statement, prepare=True).fetchall()
            taken.append(1000 * (perf_counter() - started))
        return median(taken[2:])

    def _write_and_refresh(self, connection: Connection) -> None:
        connection.execute(self._insert(self.rows // 10))
        connection.execute("SELECT rapport.refresh_stats()")

    def _write_without_counts(self, connection: Connection) -> None:
        connection.execute("ALTER TABLE crm.interactions DISABLE TRIGGER count_inserted")
        connection.execute(self._insert(self.rows // 10))
        self._raw_refresh(connection, "")

    def _rolled_back(self, connection: Connection, change: Callable[[], None]) -> float:
        connection.execute("BEGIN")
        started = perf_counter()
        change()
        seconds = perf_counter() - started
        connection.execute("ROLLBACK")
        connection.execute("VACUUM crm.interactions, stats.counts, stats.customer_activity")
        return seconds


def table(measured: dict[int, dict[str, float]]) -> str:
    sizes = list(measured)
    lines = [("milliseconds", *(f"{size:,} rows".replace(",", " ") for size in sizes), "larger / smaller")]
    for name in measured[sizes[0]]:
        values = [measured[size][name] for size in sizes]
        lines.append((name.removesuffix(", ms"), *(f"{value:.2f}" for value in values), f"{values[-1] / values[0]:.2f}"))
    return aligned(lines)
