"""format=flowed: lines that the writer's program broke are put together again (RFC 3676)."""

from __future__ import annotations


def reflow(text: str, *, delsp: bool) -> str:
    """The paragraphs of a flowed text. `delsp`: the blank at a line's end was added for the break alone (§4.1).

    Lines that end in a blank go on in the next line of the same quote depth (§4.2); a signature's mark (§4.3) and an
    empty line stand alone. One blank at the start of a line only protects what
    follows it (§4.4, space-stuffing).
    """
    paragraphs: list[tuple[int, list[str]]] = []
    flowing = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        alone = bare in ("-- ", "")
        soft = bare.endswith(" ") and not alone
        piece = bare[:-1] if soft and delsp else bare
        if flowing and paragraphs[-1][0] == depth and not alone:
            paragraphs[-1][1].append(piece)
        else:
            paragraphs.append((depth, [piece]))
        flowing = soft
    return "\n".join(f"{'>' * depth}{' ' if depth else ''}{''.join(pieces)}" for depth, pieces in paragraphs)
