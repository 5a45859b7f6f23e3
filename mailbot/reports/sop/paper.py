"""The SOPs beside SOP-015 as documents: the paper's columns, and in one of their own what mailbot does."""

from __future__ import annotations

from mailbot.reports.sop import flow as sop_flow
from mailbot.reports.sop.document import Block, Code, Diagram, Document, Footer, Heading, Paragraph, Procedure, head
from mailbot.rules.sop.paper import Paper


def document(paper: Paper, name: str) -> Document:
    """All procedures of one paper. name: of the document on the command line."""
    blocks: list[Block] = [head(paper.document)]
    for number, procedure in enumerate(paper.procedures, 1):
        anchor = "langkah-" if number == 1 else f"langkah-{number}-"
        suffix = "" if number == 1 else f"-{number}"
        blocks += [
            Heading(2, procedure.title, f"prosedur{suffix}"),
            Procedure(procedure.steps, procedure.performers, procedure.quality, procedure.done, anchor),
            Heading(3, "Diagram alir", f"diagram{suffix}"),
            Diagram(sop_flow.of_steps(procedure.steps, procedure.performers, anchor)),
        ]
    blocks.append(
        Paragraph(
            (
                "Kolom “Dengan mailbot” bukan bagian dari dokumen aslinya: isinya menjelaskan apa yang dikerjakan"
                " mailbot pada setiap langkah.",
            )
        )
    )
    blocks.append(Footer(("Dicetak dengan perintah ", Code(f"mailbot sop {name}"), ".")))
    return Document(str(paper.document["title"]), tuple(blocks))
