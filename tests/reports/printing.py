"""LibreOffice, as an office would open and print a file: to PDF, and its pages to pictures."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("soffice", "pdfinfo", "pdftotext", "pdftoppm")
#: Points in a millimetre, and a picture's dots in an inch.
_MM, _DPI = 72 / 25.4, 50


def missing() -> str:
    """Why nothing can be printed here, or ""."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if not absent:
        return ""
    return f"{', '.join(absent)} missing: apt-get install libreoffice-calc libreoffice-writer poppler-utils"


@dataclass(frozen=True)
class Printed:
    """A file on paper. size: width and height of a page in millimetres. pages: the words of each."""

    pdf: Path
    size: tuple[float, float]
    pages: list[str]

    def ink(self, number: int, margin: float) -> tuple[bool, bool]:
        """Whether anything is printed on a page (from 1), and whether within `margin` millimetres of its edges."""
        name = self.pdf.with_suffix(f".{number}")
        _run("pdftoppm", "-r", str(_DPI), "-gray", "-f", str(number), "-l", str(number), "-singlefile", self.pdf, name)
        raw = name.with_suffix(f".{number}.pgm").read_bytes()
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
        assert head is not None
        wide, high, pixels = int(head[1]), int(head[2]), raw[head.end() :]
        edge = int(margin / 25.4 * _DPI)
        rows = [pixels[row * wide : (row + 1) * wide] for row in range(high)]
        outer = b"".join([*rows[:edge], *rows[-edge:], *(row[:edge] + row[-edge:] for row in rows)])
        return min(pixels) < 128, min(outer) < 200


def printed(file: Path) -> Printed:
    """The file as LibreOffice prints it, with settings of its own."""
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", file.parent, file)
    pdf = file.with_suffix(".pdf")
    about = _run("pdfinfo", pdf)
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", about)
    count = re.search(r"Pages:\s+(\d+)", about)
    assert size is not None and count is not None
    pages = _run("pdftotext", "-layout", pdf, "-").split("\f")[: int(count[1])]
    return Printed(pdf, (float(size[1]) / _MM, float(size[2]) / _MM), pages)


def _run(*command: str | Path) -> str:
    return subprocess.run([str(one) for one in command], check=True, capture_output=True, text=True, timeout=300).stdout
