"""What a mail may be before anybody tries to understand it, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may be before anybody tries to understand it. Sizes in bytes."""

    message_size: int = 25 * 1024 * 1024
    levels: int = 20  # multiparts in one another
    parts: int = 200
    header_lines: int = 1000  # fields in one block of headers
    header_line: int = 64 * 1024  # one field, unfolded
    headers_size: int = 2 * 1024 * 1024  # all blocks of headers together
    parameters: int = 100  # semicolons in one Content-Type or Content-Disposition
    text_size: int = 96 * 1024  # characters of text that are read, some 40 pages; what is longer goes along as a file


@dataclass(slots=True)
class Findings:
    """What the reading noticed. `ambiguous`: for staff, in Indonesian; `defects`: for the log."""

    ambiguous: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    parts: int = 0
    lookalikes: int = 0  # lines that begin like a boundary and are none
    headers_size: int = 0
    text: int = 0  # characters of text that were read, every form of them

    def doubt(self, reason: str) -> None:
        """Two readers could read this mail differently."""
        if reason not in self.ambiguous and len(self.ambiguous) < 50:
            self.ambiguous.append(reason)

    def defect(self, name: str) -> None:
        """The mail is not as the standards ask, in a way that leaves one reading."""
        if name not in self.defects and len(self.defects) < 50:
            self.defects.append(name)
