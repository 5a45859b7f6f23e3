"""A person at a browser: clicks where an element is, types where the caret is, and waits for what appears.

Chromium is spoken to as `scripts/screenshots.py` does it: over two pipes, with the standard library alone.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_PROGRAM = Path(__file__).parents[2] / "scripts" / "screenshots.py"


@cache
def _screenshots() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", _PROGRAM)
    assert spec is not None and spec.loader is not None
    module = sys.modules["screenshots"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def browsers() -> tuple[str, ...]:
    """The names of the programs of which one is needed."""
    return tuple(_screenshots().BROWSERS)


class Window:
    """One browser window. Elements are named by CSS selectors."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        # No question whether what was written may be thrown away: nobody would answer it.
        silent = "addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)"
        browser.ask("Page.addScriptToEvaluateOnNewDocument", source=silent)
        browser.look(1280, 1000, "light", 1)

    def open(self, url: str) -> None:
        self._browser.open(url)

    def run(self, script: str) -> Any:
        """The value of a script's expression; None while one page gives way to the next."""
        try:
            return self._browser.run(script)
        except RuntimeError as error:
            if "context" in str(error) or "navigated" in str(error):
                return None
            raise

    def wait(self, script: str, timeout: float = 20) -> Any:
        """The expression's value as soon as it is something."""
        end = time.monotonic() + timeout
        while not (value := self.run(script)):
            if time.monotonic() > end:
                where = self.run("location.href + ' ' + document.body.innerText.slice(0, 600)")
                raise AssertionError(f"{script} does not come true at {where}")
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        """A click of the mouse on the middle of the element's first line, once it can be seen."""
        found = json.dumps(selector)
        # What carries a double border of layout or is animated is measured when it has come to rest.
        box = self.wait(
            f"""(async () => {{
              const element = document.querySelector({found});
              if (!element || !element.getClientRects().length) return null;
              element.scrollIntoView({{block: 'center', behavior: 'instant'}});
              await new Promise(done => setTimeout(done, 100));
              const box = element.getClientRects()[0];
              return box && {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._browser.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **box)

    def type(self, text: str) -> None:
        """Characters at the caret; each new line by the Enter key."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Enter", 13, "\r")
            if line:
                self._browser.ask("Input.insertText", text=line)

    def press(self, key: str, code: int, text: str = "", *, control: bool = False) -> None:
        """One key."""
        key_of = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 2 if control else 0}
        self._browser.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **key_of)
        self._browser.ask("Input.dispatchKeyEvent", type="keyUp", **key_of)

    def picture(self) -> bytes:
        self._browser.settle()
        picture: bytes = self._browser.picture(full=False)
        return picture


@contextlib.contextmanager
def window() -> Iterator[Window]:
    """A browser of its own. Raises FileNotFoundError without a Chromium."""
    with _screenshots().chromium() as browser:
        yield Window(browser)
