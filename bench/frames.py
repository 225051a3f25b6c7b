"""The contestant that cleans in Python: openpyxl reads, pandas cleans, COPY stores."""

from io import StringIO
from pathlib import Path

import pandas as pd
from psycopg import Connection

from bench.data import INTERACTIONS_SHEET
from bench.server import Database, announced_import

COLUMNS = ["customer_id", "occurred_at", "channel", "topic", "sentiment", "import_id", "source_sheet", "source_row"]


def import_workbook(database: Database, file: Path) -> None:
    table = pd.read_excel(file, INTERACTIONS_SHEET, engine="openpyxl", dtype=str, keep_default_na=False)
    accepted, rejected = clean(table)
    with database.connect() as connection, connection.transaction():
        accepted["import_id"] = announced_import(connection)
        accepted["source_sheet"] = INTERACTIONS_SHEET
        _copy(connection, f"crm.interactions ({', '.join(COLUMNS)})", accepted[COLUMNS])
        _copy(connection, "bench.rejects (line, reason, date_start, interaction, customers)", rejected)


def clean(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the rows to store and the rows that are refused; whole columns at a time, as pandas is fastest."""
    table.columns = ["date_start", "channel", "customers", "topic", "sentiment"]
    for column in table.columns:
        table[column] = table[column].str.replace(r"\s+", " ", regex=True).str.strip()
    table["source_row"] = table.index + 2
    table["occurred_at"] = pd.to_datetime(table["date_start"], format="%d/%m/%Y %H:%M", errors="coerce")
    table["customer"] = table["customers"].str.split(r"[,;]| and ", regex=True)
    table = table.explode("customer", ignore_index=True)
    table["customer_id"] = pd.to_numeric(table["customer"].str.extract(r"(\d+)", expand=False)).astype("Int64")

    refused = table["occurred_at"].isna() | table["customer_id"].isna()
    rejected = table.loc[refused, ["source_row", "date_start", "channel", "customers"]]
    rejected.insert(1, "reason", "no readable date or no customer id")
    accepted = table.loc[~refused].copy()
    accepted["channel_key"] = accepted["channel"].str.lower()
    return accepted.drop_duplicates(["customer_id", "occurred_at", "channel_key"]), rejected


def _copy(connection: Connection, target: str, table: pd.DataFrame) -> None:
    text = StringIO()
    table.to_csv(text, header=False, index=False)
    with connection.cursor().copy(f"COPY {target} FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getvalue())
