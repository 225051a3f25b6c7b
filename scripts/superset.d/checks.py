"""What Superset is held against: the database itself, asked as its owner."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import psycopg2

from client import Refused, Superset
from dashboard import CHARTS, METRIC, Chart

LOGIN_TIMEOUT, SHORT_TIMEOUT = "30s", "2s"
# Rows of bi.monthly_activity to the power of seven: it would not end today.
RUNAWAY = "SELECT count(*) FROM " + ", ".join(f"bi.monthly_activity AS m{number}" for number in range(7))

# Of each view of bi: its own comment, without a column, and those of its columns.
COMMENTS = """
SELECT c.relname, NULL, obj_description(c.oid, 'pg_class')
FROM pg_class AS c
WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v'
UNION ALL
SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v'
"""


class Wrong(Exception):
    """Superset and the database do not agree."""


class Owner:
    """A connection that may see and change everything."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def limit_statements(self, duration: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("ALTER ROLE superset SET statement_timeout = %s", (duration,))


def check_views(superset: Superset, owner: Owner, database: int) -> str:
    """Superset finds each view, each column, and the comment of each."""
    expected = owner.query(COMMENTS)
    found: list[tuple[str, str | None, str | None]] = []
    for table in superset.get(f"database/{database}/tables/", q="(force:!t,schema_name:bi)")["result"]:
        view = superset.get(f"database/{database}/table_metadata/", name=table["value"], schema="bi")
        found.append((view["name"], None, view["comment"]))
        found.extend((view["name"], column["name"], column["comment"]) for column in view["columns"])
    _agree("the views of bi with their comments", found, expected)
    bare = [".".join(filter(None, ("bi", view, column))) for view, column, comment in expected if not comment]
    if bare:
        raise Wrong(f"there is no comment on {', '.join(bare)}")
    views = len({view for view, _, _ in expected})
    return f"finds {views} views with {len(expected) - views} columns, each with its comment"


def check_charts(superset: Superset, owner: Owner, charts: dict[Chart, int]) -> str:
    """The data of each chart is what SQL counts in its view, and no interaction is lost on the way."""
    ((interactions,),) = owner.query("SELECT count(*) FROM crm.interactions")
    totals = {}
    for chart, number in charts.items():
        answer = superset.get(f"chart/{number}/data/")["result"][0]["data"]
        shown = {tuple(row[name] for name in chart.dimensions): row[METRIC["metric_name"]] for row in answer}
        _agree(f'the chart "{chart.title}"', shown.items(), _counted(owner, chart).items())
        totals[chart] = sum(shown.values())
        # In a month with two products an interaction counts for each.
        if "product" not in chart.dimensions and totals[chart] != interactions:
            raise Wrong(f'the chart "{chart.title}" has {totals[chart]} interactions, and there are {interactions}')
    told = ", ".join(f"{chart.title} {total}" for chart, total in totals.items())
    return f"charts count like SQL: {told}; crm.interactions has {interactions} rows"


def check_picture(owner: Owner, answers: list[Any]) -> str:
    """The browser drew what SQL counts: the sums of what its charts received."""
    received = Counter(
        sum(
            cell for row in result["data"] for name, cell in row.items()
            if isinstance(cell, int | float) and name != "month" and not name.endswith("__contribution")
        )
        for answer in answers for result in answer["result"]
    )
    expected = Counter(sum(_counted(owner, chart).values()) for chart in CHARTS)
    _agree("the sums of the charts in the picture", received.items(), expected.items())
    return "the charts in the picture have the same sums"


def check_refusals(superset: Superset, owner: Owner, database: int) -> list[str]:
    """The login sees bi and nothing else, and the server ends what takes too long."""
    refused = _refusal(superset, database, "SELECT * FROM crm.interactions", "permission denied for schema crm")
    ((timeout,),) = [tuple(row.values()) for row in superset.sql(database, "SHOW statement_timeout")]
    _agree("the statement_timeout of the login", [timeout], [LOGIN_TIMEOUT])
    owner.limit_statements(SHORT_TIMEOUT)
    try:
        cancelled = _refusal(superset, database, RUNAWAY, "canceling statement due to statement timeout")
    finally:
        owner.limit_statements(LOGIN_TIMEOUT)
    return [
        f"a query of crm.interactions: {refused}",
        f"statement_timeout is {timeout}; a query that does not end, with {SHORT_TIMEOUT} instead: {cancelled}",
    ]


def _refusal(superset: Superset, database: int, statement: str, reason: str) -> str:
    try:
        superset.sql(database, statement)
    except Refused as refusal:
        if reason not in str(refusal):
            raise Wrong(f'"{statement}" should be refused with "{reason}", and is with "{refusal}"') from refusal
        return reason
    raise Wrong(f'"{statement}" should be refused with "{reason}", and is answered')


def _counted(owner: Owner, chart: Chart) -> dict[tuple[Any, ...], int]:
    names = ", ".join(chart.dimensions)
    rows = owner.query(f"SELECT {names}, sum(interactions)::bigint FROM bi.{chart.view} GROUP BY {names}")
    return {tuple(map(_as_json, keys)): total for *keys, total in rows}


def _as_json(value: Any) -> Any:
    """Superset writes a day as milliseconds since 1970."""
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000
    return value


def _agree(what: str, found: Iterable[Any], expected: Iterable[Any]) -> None:
    added, missing = set(found) - set(expected), set(expected) - set(found)
    if added or missing:
        raise Wrong(f"{what}: Superset alone has {_few(added)}, and the database alone {_few(missing)}")


def _few(items: set[Any]) -> str:
    """Enough to begin looking."""
    texts = sorted(map(str, items))
    return ", ".join(texts[:5] + ["…"] * (len(texts) > 5)) or "nothing"
