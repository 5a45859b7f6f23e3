"""SOP-LPSE.BTG-015 as it is printed: the very table that the program runs on, in the columns of the paper form.

Pure functions of the table. `lengths` are the durations of the configuration in words ("2 hari kerja") by their key
(`lkpp_status_after`), and `enquiries_max` as a number; None means the configuration's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.reports.sop import html as sop_html
from mailbot.reports.sop import markdown as sop_markdown
from mailbot.reports.sop import matrix as sop_matrix
from mailbot.reports.sop import paper as sop_paper
from mailbot.reports.sop import text as sop_text
from mailbot.reports.sop.document import document
from mailbot.rules.sop.paper import Paper
from mailbot.rules.sop.table import Table

WIDTH = 100


def text(table: Table, width: int = WIDTH, lengths: Mapping[str, str] | None = None) -> str:
    """Plain text in lines of at most `width` characters. Raises ValueError for a width below 40."""
    return sop_text.write(document(table, lengths), width)


def markdown(table: Table, lengths: Mapping[str, str] | None = None) -> str:
    """Markdown in GitHub's dialect, the flow as a Mermaid diagram."""
    return sop_markdown.write(document(table, lengths))


def html(table: Table, lengths: Mapping[str, str] | None = None) -> str:
    """One HTML page that needs nothing else, for screens, phones and A4 landscape; the flow is drawn as SVG."""
    return sop_html.write(document(table, lengths))


def paper(found: Paper, name: str, form: str = "text", width: int = WIDTH) -> str:
    """Another SOP of the office. form: text, markdown or html. Raises ValueError for a width below 40."""
    whole = sop_paper.document(found, name)
    if form == "text":
        return sop_text.write(whole, width)
    return (sop_markdown.write if form == "markdown" else sop_html.write)(whole)


def matrix(table: Table, width: int = WIDTH) -> str:
    """Status × event as plain text. Raises ValueError for a width below 40."""
    return sop_matrix.as_text(table, width)


def matrix_markdown(table: Table) -> str:
    """Status × event as a Markdown table."""
    return sop_matrix.as_markdown(table)


def matrix_html(table: Table) -> str:
    """Status × event as an HTML page."""
    return sop_matrix.as_html(table)
