#!/usr/bin/env python3
"""Pictures of HTML pages and mails in headless Chromium, also narrower than its smallest window, light and dark.

    scripts/screenshots.py PAGE-OR-MAIL … --into FOLDER [--width 390 --width 1280] [--scheme light --scheme dark]
                           [--height 900 | --full] [--at CSS-SELECTOR] [--click CSS-SELECTOR] [--scale 2]

A file that ends in .eml is shown by its HTML alternative, without what it would load. Chromium is spoken to over its
DevTools protocol on two pipes: the standard library is enough, and no port is opened.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import email
import email.policy
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, BinaryIO

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
TALLEST = 16_000  # pixels of one picture


class Browser:
    """One Chromium with one page."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers
        self._number = 0
        self._session: str | None = None
        self._loaded = False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **params: Any) -> Any:
        """One command and its result; RuntimeError if the browser refuses or has gone."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._requests.write(json.dumps(message).encode() + b"\0")
        self._requests.flush()
        for answer in self._messages():
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
        raise RuntimeError("the browser has gone")

    def _messages(self) -> Iterator[dict[str, Any]]:
        buffer = bytearray()
        while byte := self._answers.read(1):
            if byte != b"\0":
                buffer += byte
                continue
            message = json.loads(buffer)
            buffer.clear()
            self._loaded = self._loaded or message.get("method") == "Page.loadEventFired"
            yield message

    def open(self, url: str) -> None:
        self._loaded = False
        self.ask("Page.navigate", url=url)
        if not self._loaded:
            next(message for message in self._messages() if message.get("method") == "Page.loadEventFired")

    def look(self, width: int, height: int, scheme: str, scale: float) -> None:
        """The window from now on; below 500 pixels it is a phone's."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 500,
        )
        self.ask(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )

    def run(self, script: str) -> Any:
        """The value of a script's expression; it may be a promise."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def settle(self) -> None:
        """Until the page has been drawn twice."""
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done), 300)))")

    def picture(self, full: bool) -> bytes:
        """A PNG of the window, or of the whole page."""
        params: dict[str, Any] = {"format": "png"}
        if full:
            size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], TALLEST), "scale": 1}
            params |= {"captureBeyondViewport": True, "clip": clip}
        return base64.b64decode(self.ask("Page.captureScreenshot", **params)["data"])


@contextlib.contextmanager
def chromium(program: str | None = None) -> Iterator[Browser]:
    """A browser of its own, with a profile that is thrown away. Raises FileNotFoundError without a Chromium."""
    found = program or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FileNotFoundError(f"none of {', '.join(BROWSERS)} is installed")
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    # The browser wants descriptors 3 and 4; these are copied there, from numbers that cannot collide.
    theirs = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, from_write)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                found,
                "--headless=new",
                "--no-sandbox",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
            ],
            preexec_fn=lambda: [os.dup2(ours, number) for number, ours in enumerate(theirs, start=3)],
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for descriptor in (to_read, from_write, *theirs):
            os.close(descriptor)
        try:
            with open(to_write, "wb") as requests, open(from_read, "rb") as answers:
                browser = Browser(requests, answers)
                yield browser
                with contextlib.suppress(RuntimeError, OSError):
                    browser._session = None
                    browser.ask("Browser.close")
        finally:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def shown(path: Path, folder: Path) -> str:
    """The address at which the browser finds a page, or the HTML alternative of a mail."""
    if path.suffix != ".eml":
        return path.resolve().as_uri()
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html", "plain"))
    text = body.get_content() if body else ""
    if body is None or body.get_content_subtype() == "plain":
        text = f"<pre>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    page = folder / f"{path.stem}.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">{text}',
        encoding="utf-8",
    )
    return page.as_uri()


def take(browser: Browser, path: Path, options: argparse.Namespace) -> Iterator[Path]:
    """The pictures of one page, at every width and in every scheme."""
    with tempfile.TemporaryDirectory() as folder:
        address = shown(path, Path(folder))
        for width in options.width:
            for scheme in options.scheme:
                browser.look(width, options.height, scheme, options.scale)
                browser.open(address)
                for kind, does in (("at", "scrollIntoView()"), ("click", "click()")):
                    if selector := getattr(options, kind):
                        browser.run(f"document.querySelector({json.dumps(selector)}).{does}")
                browser.settle()
                name = "-".join(filter(None, [path.stem, options.name, str(width), scheme]))
                target = options.into / f"{name}.png"
                target.write_bytes(browser.picture(options.full))
                yield target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, default=Path())
    parser.add_argument("--name", default="", help="goes into the pictures' names")
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--scheme", choices=("light", "dark"), action="append")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--full", action="store_true", help="the whole page, not only the window")
    parser.add_argument("--at", default="", help="scroll to the first element of this selector")
    parser.add_argument("--click", default="", help="click on the first element of this selector")
    parser.add_argument("--browser", help="the program; without it the first Chromium in PATH")
    options = parser.parse_args()
    options.width = options.width or [390, 1280]
    options.scheme = options.scheme or ["light", "dark"]
    options.into.mkdir(parents=True, exist_ok=True)
    with chromium(options.browser) as browser:
        for path in options.pages:
            for picture in take(browser, path, options):
                print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
