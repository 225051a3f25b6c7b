"""The picture of the dashboard, by Debian's Chromium, and the numbers that it was drawn from."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

WIDTH, HEIGHT = 1400, 900
SECONDS = 60


class Browser:
    def __init__(self, folder: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # It sees nothing but our own Superset, and in a container it could make no sandbox.
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
                         "--disable-breakpad", "--force-device-scale-factor=1", f"--user-data-dir={folder}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self._driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._driver.quit()

    def log_in(self, address: str, user: str, password: str) -> None:
        self._driver.get(f"{address}/login/")
        self._wait("the form of the login", lambda: self._find("#username"))
        self._find("#username")[0].send_keys(user)
        self._find("#password")[0].send_keys(password)
        self._find("button[type=submit]")[0].click()
        self._wait("the login", lambda: "/login" not in self._driver.current_url)

    def draw(self, page: str, charts: int) -> bytes:
        """A PNG of the page as soon as that many charts stand still."""
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self._driver.get(page)
        self._wait(f"{charts} charts", lambda: len(self._find(".chart-container canvas")) == charts)
        self._wait("the last chart", lambda: not self._find(".loading, [data-test=loading-indicator]"))
        # Charts grow into their place: two pictures that are alike are the end of that.
        pictures = [b"", self._driver.get_screenshot_as_png()]
        deadline = time.monotonic() + SECONDS
        while pictures[-1] != pictures[-2]:
            if time.monotonic() > deadline:
                raise TimeoutError("the charts do not stand still")
            time.sleep(1)
            pictures.append(self._driver.get_screenshot_as_png())
        return pictures[-1]

    def received(self, path: str) -> list[Any]:
        """The answers that the pages got from a path, as JSON."""
        answers = []
        for entry in self._driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.responseReceived" and path in message["params"]["response"]["url"]:
                request = {"requestId": message["params"]["requestId"]}
                answers.append(json.loads(self._driver.execute_cdp_cmd("Network.getResponseBody", request)["body"]))
        return answers

    def _find(self, selector: str) -> list[Any]:
        return self._driver.find_elements(By.CSS_SELECTOR, selector)

    def _wait(self, what: str, condition: Callable[[], Any]) -> None:
        WebDriverWait(self._driver, SECONDS).until(lambda _: condition(), f"{what} did not appear in {SECONDS} s")
