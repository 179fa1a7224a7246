"""Chromium, driven through its WebDriver. Source of the calls: W3C, "WebDriver"."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER: Final = shutil.which("chromedriver")

_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's reference, as the standard defines it."""
_ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SECONDS: Final = 100.0


class Browser:
    """A window with a new profile. Elements are named by CSS selectors."""

    def __init__(self, profile: Path, *, width: int = 1280, height: int = 900) -> None:
        self._profile = profile
        self._size = (width, height)
        self._http = requests.Session()
        self._http.trust_env = False
        self._session = ""

    def __enter__(self) -> Self:
        assert DRIVER is not None
        self._driver = subprocess.Popen(  # noqa: S603 - the driver
            [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        else:
            raise AssertionError("chromedriver did not start")
        self._root = f"http://127.0.0.1:{found[1]}/session"
        width, height = self._size
        options = {
            "binary": CHROMIUM,
            "args": [*_ARGUMENTS, f"--window-size={width},{height}", f"--user-data-dir={self._profile}"],
        }
        capabilities = {
            "alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}},
        }
        self._session = self._send("POST", "", {"capabilities": capabilities})["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._session:
                self._send("DELETE", "")
        finally:
            self._http.close()
            self._driver.kill()
            self._driver.communicate()

    def open(self, url: str) -> None:
        """Load a page."""
        self._send("POST", "/url", {"url": url})

    def click(self, selector: str) -> None:
        """Click the first matching element."""
        self._send("POST", f"/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type into the first matching element."""
        self._send("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def keys(self, text: str) -> None:
        """Type into the element that has the focus."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def text(self, selector: str) -> str:
        """The text that a person sees in the first matching element."""
        # In one call, because the page may replace the element between two calls.
        text: str = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return text

    def run(self, script: str, *arguments: Any) -> Any:
        """The return value of a script."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of the browser's own protocol (Chrome DevTools Protocol)."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def complaints(self) -> list[str]:
        """Messages of the console, such as refused scripts and failed loads."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, file: Path) -> None:
        """Save a picture of the whole page, however long it is."""
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def wait(self, enough: Callable[[], bool], *, what: str, timeout: float = _SECONDS) -> None:
        """Wait until `enough` holds. Raises AssertionError with the text of the page."""
        deadline = monotonic() + timeout
        while not enough():
            assert monotonic() < deadline, f"{what}, which did not appear; the page says {self.text('body')}"
            sleep(0.1)

    def _find(self, selector: str) -> str:
        found: dict[str, str] = self._send("POST", "/element", {"using": "css selector", "value": selector})
        return found[_ELEMENT]

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        root = f"{self._root}/{self._session}" if self._session else self._root
        answer = self._http.request(method, f"{root}{path}", json=body, timeout=_SECONDS)
        value = answer.json()["value"]
        assert answer.ok, f"{method} {path}: {value.get('error')} {value.get('message', '')[:300]}"
        return value
