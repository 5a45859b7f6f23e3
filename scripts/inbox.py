#!/usr/bin/env python3
"""A page that shows mails as the list of a mail program does: who, what about, how it begins, when, how urgent.

    scripts/inbox.py MAIL.eml … > inbox.html
    scripts/screenshots.py inbox.html --into FOLDER --width 390 --width 1280 --full

The newest stands on top. The beginning is what programs show beside the subject: the first words of the page, those in
its hidden line before all others. Standard library alone.
"""

from __future__ import annotations

import email
import email.policy
import html
import re
import sys
from email.message import EmailMessage
from pathlib import Path

_STYLE = """
body { margin: 0; font: 15px/1.35 system-ui, "Noto Sans", sans-serif; color: #1d2730; background: #fff }
li { display: grid; gap: 0 12px; padding: 9px 14px; border-bottom: 1px solid #e2e6ea;
     grid: "who when" "what what" "begins begins" / 1fr auto }
ol { list-style: none; margin: 0; padding: 0 }
span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.who { grid-area: who; font-weight: 600 } .when { grid-area: when; color: #5b6770; font-size: 13px }
.what { grid-area: what } .begins { grid-area: begins; color: #5b6770 } .high { color: #b3261e }
@media (min-width: 700px) {
  li { grid: "who what begins when" / 17em minmax(0, 26em) minmax(0, 1fr) auto; padding: 7px 14px }
}
"""
_LINES = 300  # characters of a beginning; no program shows more


def row(message: EmailMessage) -> str:
    """One mail of the list."""
    [box] = message["From"].addresses
    sent = message["Date"].datetime
    urgent = '<b class="high">!</b> ' if str(message["Importance"] or "").lower() == "high" else ""
    shown = {
        "who": f"{urgent}{html.escape(box.display_name or box.addr_spec)}",
        "what": html.escape(str(message["Subject"])),
        "begins": html.escape(beginning(message)[:_LINES]),
        "when": f"{sent:%d/%m %H.%M}",
    }
    spans = (f'<span class="{name}">{value}</span>' for name, value in shown.items())
    return f"<li>{''.join(spans)}</li>"


def beginning(message: EmailMessage) -> str:
    """The first words of the page, or of the text."""
    body = message.get_body(("html", "plain"))
    text = "" if body is None else body.get_content()
    if body is not None and body.get_content_subtype() == "html":
        text = re.sub(r"(?s)<!--.*?-->|<(head|style|title)\b.*?</\1>|<[^>]*>", " ", text)
    return " ".join(html.unescape(text).split())


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = []
    for path in map(Path, sys.argv[1:]):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    found.sort(key=lambda message: message["Date"].datetime, reverse=True)
    rows = "\n".join(map(row, found))
    print(
        f'<!DOCTYPE html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Kotak masuk</title><style>{_STYLE}</style><ol>{rows}</ol></html>"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
