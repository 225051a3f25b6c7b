"""Connects a running Superset to the database, makes a dashboard, checks it, and takes its picture."""

import os
import signal
import sys
from pathlib import Path

from psycopg2 import OperationalError
from requests import RequestException
from selenium.common import WebDriverException

from browser import Browser
from checks import Owner, Wrong, check_charts, check_picture, check_refusals, check_views
from client import Refused, Superset
from dashboard import ADDRESS, CHARTS, make_dashboard, make_datasets

USER = "admin"


def connect(superset: Superset, url: str) -> int:
    """Returns the number of the connection; its schemas have bi among them."""
    database = superset.post("database/", {
        "database_name": "Rapport", "sqlalchemy_uri": url, "expose_in_sqllab": True,
    })["id"]
    schemas = superset.get(f"database/{database}/schemas/")["result"]
    if "bi" not in schemas:
        raise Wrong(f"Superset does not list the schema bi, only {', '.join(schemas)}")
    return int(database)


def run() -> None:
    settings = os.environ
    address, password = settings["RAPPORT_SUPERSET_ADDRESS"], settings["RAPPORT_SUPERSET_PASSWORD"]
    picture = Path(settings["RAPPORT_SUPERSET_PICTURE"])
    owner = Owner(settings["RAPPORT_SUPERSET_OWNER_URL"])
    superset = Superset(address, USER, password)

    database = connect(superset, settings["RAPPORT_SUPERSET_URL"])
    say(check_views(superset, owner, database))
    charts = make_dashboard(superset, make_datasets(superset, database))
    say(check_charts(superset, owner, charts))
    for line in check_refusals(superset, owner, database):
        say(line)

    with Browser(Path(settings["RAPPORT_SUPERSET_FOLDER"]) / "browser") as browser:
        browser.log_in(address, USER, password)
        # Without what is Superset's own around the dashboard.
        image = browser.draw(f"{address}/superset/dashboard/{ADDRESS}/?standalone=2&show_filters=0", len(CHARTS))
        say(check_picture(owner, browser.received("/api/v1/chart/data")))
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(image)


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def main() -> int:
    # A browser is ended by leaving its block, so a TERM has to be an exception.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run()
    except (Refused, Wrong, TimeoutError, OperationalError, RequestException, WebDriverException) as error:
        print(f"error: {error}", file=sys.stderr)
        print(f"       what Superset said is in {os.environ['RAPPORT_SUPERSET_LOG']}", file=sys.stderr)
        return 1
    return 0


raise SystemExit(main())
