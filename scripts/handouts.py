#!/usr/bin/env python3
"""The pages for people, docs/petugas.md and docs/pengguna.md, as HTML and PDF to be printed on A4.

    scripts/handouts.py [PAGE.md …] --into FOLDER

The PDF is printed by Chromium. The Markdown is read by markdown-it, which comes with rich.
"""

from __future__ import annotations

import argparse
import base64
import html
import re
import sys
from pathlib import Path

from markdown_it import MarkdownIt

sys.path.insert(0, str(Path(__file__).resolve().parent))

import screenshots

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "docs/petugas.md", ROOT / "docs/pengguna.md")
STYLE = """
body { font: 10pt/1.38 "Segoe UI", Roboto, "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2933; margin: 0; }
h1 { font-size: 18pt; color: #0f3d66; margin: 0 0 8pt; }
p, ul { margin: 0 0 7pt; } ul { padding-left: 16pt; } li { margin: 0 0 3pt; }
img { border: 1px solid #d5dce4; margin: 0 0 8pt 12pt; }
table { border-collapse: collapse; margin: 0 0 8pt; } tr { break-inside: avoid; }
th, td { border-bottom: 1px solid #d5dce4; padding: 3pt 8pt 3pt 0; text-align: left; vertical-align: top; }
code { font: 9pt Consolas, Menlo, "DejaVu Sans Mono", monospace; color: #0f3d66; }
td:first-child code { white-space: nowrap; font-weight: bold; }
"""
#: A4 in inches, and its margins.
WIDTH, HEIGHT, MARGIN = 8.27, 11.69, 0.55


def page(path: Path) -> str:
    """The HTML of a page, with its pictures inside."""
    text = path.read_text(encoding="utf-8")
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    for name in re.findall(r'<img src="([^"]+)"', body):
        data = base64.b64encode((path.parent / name).read_bytes()).decode()
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{data}"')
    body = body.replace("e-mail", "e\u2011mail")  # stays on one line
    title = html.escape(text.partition("\n")[0].lstrip("# "))
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="id">{head}{body}\n'


def printed(browser: screenshots.Browser, path: Path) -> bytes:
    """The PDF of an HTML page, on A4."""
    browser.open(path.resolve().as_uri())
    margins = dict.fromkeys(("marginTop", "marginBottom", "marginLeft", "marginRight"), MARGIN)
    answer = browser.ask("Page.printToPDF", paperWidth=WIDTH, paperHeight=HEIGHT, printBackground=True, **margins)
    return base64.b64decode(answer["data"])


def sheets(pdf: bytes) -> int:
    """How many sheets a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, default=PAGES)
    parser.add_argument("--into", type=Path, default=Path())
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with screenshots.chromium() as browser:
        for path in options.pages:
            target = options.into / f"{path.stem}.html"
            target.write_text(page(path), encoding="utf-8")
            pdf = printed(browser, target)
            target.with_suffix(".pdf").write_bytes(pdf)
            print(f"{target.with_suffix('.pdf')}: {sheets(pdf)} A4")
    return 0


if __name__ == "__main__":
    sys.exit(main())
