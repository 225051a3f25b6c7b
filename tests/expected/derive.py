#!/usr/bin/env python3
"""Works out what an import of the sample must give, without a line of Rapport.

Reads the CSV twins with Python's own csv module, applies the rules of the project as they are
written below, and prints the fixture `sample.json`. Nothing here is shared with the Rust code or the
SQL, so a fault would have to be made twice, in two languages, to go unseen.

    python3 tests/expected/derive.py > tests/expected/sample.json
"""

import collections
import csv
import datetime
import json
import pathlib
import re
import sys
import unicodedata

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "samples" / "csv"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def rows(name):
    """The data rows of a twin as (row number in the spreadsheet, cells)."""
    with open(FOLDER / f"{name}.csv", encoding="utf-8-sig", newline="") as twin:
        return list(enumerate(csv.reader(twin), start=1))[1:]


def label(text):
    """A label without its dirt; None when nothing is left."""
    if "\u00c3" in text:  # UTF-8 that was read as windows-1252
        text = text.encode("windows-1252").decode("utf-8")
    text = "".join(c for c in text if c not in INVISIBLE).replace("\u00a0", " ")
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text or None


def commonest_spellings(labels):
    """Case is folded to the commonest spelling of the column; a tie goes to more capitals, then to the first seen."""
    counts = collections.Counter(text for text in labels if text)

    def rank(text):
        return counts[text], sum(character.isupper() for character in text)

    chosen = {}
    for text in counts:  # a Counter keeps the order of first sight
        key = text.casefold()
        if key not in chosen or rank(text) > rank(chosen[key]):
            chosen[key] = text
    return chosen


class Ledger:
    """What an import must write down, one line per cell."""

    def __init__(self):
        self.lines = []

    def note(self, action, sheet, row, column, before=None, after=None):
        self.lines.append(
            {"action": action, "sheet": sheet, "row": row, "column": column, "before": before, "after": after}
        )


LEDGER = Ledger()


def clean_columns(sheet, data, columns):
    """Cleans the label columns of a sheet; returns {(row, column index): label}."""
    cleaned = {}
    for index, header in columns.items():
        plain = {number: label(cells[index]) for number, cells in data}
        spelling = commonest_spellings(plain.values())
        for number, cells in data:
            after = plain[number]
            if after is not None:
                after = spelling[after.casefold()]
            if after is not None and after != cells[index]:
                LEDGER.note("repaired", sheet, number, header, cells[index], after)
            cleaned[number, index] = after
    return cleaned


def customer_ids(sheet, number, header, text):
    """The ids in a cell: digits only, several of them are a split, none of them a rejection."""
    ids = [int(digits) for digits in re.findall(r"\d+", text)]
    if not ids:
        LEDGER.note("rejected", sheet, number, header, text)
    elif len(ids) > 1:
        LEDGER.note("split", sheet, number, header, text, ", ".join(map(str, ids)))
    elif str(ids[0]) != text:
        LEDGER.note("repaired", sheet, number, header, text, str(ids[0]))
    return ids


def map_headers(sheet, count):
    """Every column of the sample has a place, and the ledger says which."""
    with open(FOLDER / f"{sheet}.csv", encoding="utf-8-sig", newline="") as twin:
        headers = next(csv.reader(twin))
    assert len(headers) == count
    for header in headers:
        LEDGER.note("inferred", sheet, 0, header, header)


def note_form(sheet, header, data, pattern, form):
    """The ledger has the form of a column of dates once, as all of them are written in it."""
    assert all(re.fullmatch(pattern, cells[0]) for _, cells in data), "a date has another form"
    LEDGER.note("inferred", sheet, 0, header, None, form)


def read_customers():
    data = rows("customers")
    map_headers("customers", 3)
    labels = clean_columns("customers", data, {1: "OCCUPATION", 2: "Type"})
    customers = {}
    for number, cells in data:
        for identifier in customer_ids("customers", number, "Customer_Id", cells[0]):
            assert identifier not in customers, "the sample has no customer twice"
            customers[identifier] = {
                "customer_id": identifier,
                "occupation": labels[number, 1],
                "customer_type": labels[number, 2],
                "is_placeholder": False,
            }
    return customers, len(data)


def read_interactions(customers):
    data = rows("interactions")
    map_headers("interactions", 5)
    labels = clean_columns("interactions", data, {1: "interaction", 3: "Topic", 4: "SENTIMENT"})
    proofs = [int(cells[0][3:5]) for _, cells in data]
    assert max(proofs) <= 12, "no cell proves month/day"
    assert any(int(cells[0][:2]) > 12 for _, cells in data), "some cell proves day/month"
    LEDGER.note("inferred", "interactions", 0, "Date_Start")
    note_form("interactions", "Date_Start", data, r"\d\d/\d\d/\d{4} \d\d:\d\d", "DD/MM/YYYY HH:MM")
    stored = {}
    for number, cells in data:
        when = datetime.datetime.strptime(cells[0], "%d/%m/%Y %H:%M")
        for identifier in customer_ids("interactions", number, " Customers", cells[2]):
            key = (identifier, labels[number, 1], when)
            new = {
                "customer_id": identifier,
                "occurred_at": when.strftime("%Y-%m-%d %H:%M:%S"),
                "channel": labels[number, 1],
                "topic": labels[number, 3],
                "sentiment": labels[number, 4],
                "source_row": number,
            }
            if identifier not in customers:
                LEDGER.note("placeholder", "interactions", number, " Customers", cells[2])
                customers[identifier] = {
                    "customer_id": identifier,
                    "occupation": None,
                    "customer_type": None,
                    "is_placeholder": True,
                }
            if key not in stored:
                stored[key] = new
                continue
            old = stored[key]
            differing = [c for c in ("topic", "sentiment") if new[c] != old[c]]
            assert all(new[c] and old[c] for c in differing), "the sample fills no gap in itself"
            if not differing:
                LEDGER.note("duplicate", "interactions", number, None)
            for column in differing:
                header = {"topic": "Topic", "sentiment": "SENTIMENT"}[column]
                LEDGER.note("conflict", "interactions", number, header, new[column], old[column])
    ordered = sorted(stored.values(), key=lambda i: (i["occurred_at"], i["customer_id"], i["channel"]))
    return ordered, len(data)


def read_products():
    data = rows("products")
    map_headers("products", 2)
    labels = clean_columns("products", data, {1: "product"})
    note_form("products", "DATE", data, r"\d\d-\d{4}", "MM-YYYY")
    products = []
    for number, cells in data:
        month, year = cells[0].split("-")
        products.append({"month": f"{year}-{month}-01", "product": labels[number, 1]})
    assert len({tuple(p.values()) for p in products}) == len(products), "the sample has no product twice"
    return sorted(products, key=lambda p: (p["month"], p["product"])), len(data)


def matrix(customers, interactions, products, keep=lambda interaction: True):
    """Interactions per customer type × product, the unattributed ones and the distinct totals."""
    in_month = collections.defaultdict(set)
    for product in products:
        in_month[product["month"][:7]].add(product["product"])
    names = sorted({p["product"] for p in products})
    types = sorted({c["customer_type"] or "Unknown" for c in customers.values()})
    table = {t: {**{n: 0 for n in names}, "unattributed": 0, "total": 0} for t in types}
    for interaction in filter(keep, interactions):
        row = table[customers[interaction["customer_id"]]["customer_type"] or "Unknown"]
        row["total"] += 1
        discussed = in_month[interaction["occurred_at"][:7]]
        for name in discussed:
            row[name] += 1
        if not discussed:
            row["unattributed"] += 1
    return table


def about(customer_id, interactions):
    """What is to be said of one customer."""
    own = [i for i in interactions if i["customer_id"] == customer_id]
    by_time = sorted(own, key=lambda i: i["occurred_at"])

    def ranked(column):
        # Most first, then the most recently used, then alphabetical.
        seen = collections.defaultdict(list)
        for i in own:
            if i[column] is not None:
                seen[i[column]].append(i["occurred_at"])
        order = sorted(seen)
        order.sort(key=lambda name: max(seen[name]), reverse=True)
        order.sort(key=lambda name: len(seen[name]), reverse=True)
        return [(name, len(seen[name])) for name in order]

    last = by_time[-1] if by_time else None
    return {
        "total_interactions": len(own),
        "first_interaction": by_time[0]["occurred_at"] if by_time else None,
        "channels": ranked("channel"),
        "most_frequent_channel": ranked("channel")[0][0] if own else None,
        "last_interaction": last
        and {
            "date": last["occurred_at"][:10],
            "time": last["occurred_at"][11:16],
            "channel": last["channel"],
            "topic": last["topic"],
            "sentiment": last["sentiment"],
        },
        "key_topics": [name for name, _ in ranked("topic")][:5],
        "topics": ranked("topic"),
        "sentiments": sorted(collections.Counter(i["sentiment"] for i in own if i["sentiment"]).items()),
    }


def between(since, until):
    """Both days are included."""
    return lambda i: since <= i["occurred_at"][:10] <= until


def main():
    customers, customer_rows = read_customers()
    interactions, interaction_rows = read_interactions(customers)
    products, product_rows = read_products()
    actions = collections.Counter(line["action"] for line in LEDGER.lines)
    LEDGER.lines.sort(key=lambda l: (l["sheet"], l["row"], l["column"] or ""))
    json.dump(
        {
            "rows_read": customer_rows + interaction_rows + product_rows,
            "rows_per_sheet": {
                "customers": customer_rows,
                "interactions": interaction_rows,
                "products": product_rows,
            },
            "stored": {
                "customers": len(customers),
                "placeholders": sum(c["is_placeholder"] for c in customers.values()),
                "interactions": len(interactions),
                "products": len(products),
            },
            "ledger_per_action": dict(sorted(actions.items())),
            "matrix": matrix(customers, interactions, products),
            "matrix_2019_10_04_to_2020_02_11": matrix(
                customers, interactions, products, between("2019-10-04", "2020-02-11")
            ),
            "customers": {
                str(i): {**{k: c[k] for k in ("occupation", "customer_type", "is_placeholder")}, **about(i, interactions)}
                for i, c in sorted(customers.items())
            },
            "interactions": [{k: v for k, v in i.items() if k != "source_row"} for i in interactions],
            "products": products,
            "ledger": LEDGER.lines,
        },
        sys.stdout,
        ensure_ascii=False,
        indent=1,
    )
    print()


main()
