"""Superset's REST API, as much of it as a dashboard needs."""

import json
from typing import Any
from uuid import uuid4

import requests


class Refused(Exception):
    """Superset answered with an error; the text is its own."""


class Superset:
    """A session of somebody who logged in."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._session = requests.Session()
        login = {"username": user, "password": password, "provider": "db"}
        token = self.post("security/login", login)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]
        self._session.headers["Referer"] = address

    def get(self, path: str, **parameters: str) -> Any:
        return self._ask("GET", path, params=parameters)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", path, json=body)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", path, json=body)

    def sql(self, database: int, statement: str) -> list[dict[str, Any]]:
        """The rows of a statement, as SQL Lab runs it."""
        # SQL Lab tells its queries apart by an id of at most eleven characters.
        body = {"client_id": uuid4().hex[:11], "database_id": database, "sql": statement, "runAsync": False}
        return list(self.post("sqllab/execute/", body)["data"])

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        # Longer than the server lets a statement run.
        answer = self._session.request(method, f"{self.address}/api/v1/{path}", timeout=60, **arguments)
        if not answer.ok:
            raise Refused(f"{method} {path}: HTTP {answer.status_code}: {_message(answer)}")
        return answer.json()


def _message(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except json.JSONDecodeError:
        return answer.text[:500]
    errors = body.get("errors") or [body]
    return " ".join("; ".join(str(error.get("message", error)) for error in errors).split())
