"""Reads the template files once: ours, and a site's own files, which replace ours by name; also the Word file."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.templates import word_form
from mailbot.templates.markup import has_token_characters

BUILTIN = Path(__file__).parent
BUILTIN_PREFIX = "builtin/"  # ours stay reachable under it when a site has replaced them
STYLES = "layout.styles.html.j2"
LAYOUTS = ("layout.txt.j2", "layout.html.j2", STYLES)
ANSWERS = "answers/"  # the folder of the canned answers, one file a code
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,29}(?:_[A-Z0-9]{1,30}){0,4}")
_MAX_SOURCE = 256 * 1024  # bytes of one template file


@dataclass(frozen=True, slots=True)
class WordFile:
    """A Word template. raw: None where it cannot be read, and fault says why. own: a site's, in the place of ours."""

    path: Path
    raw: bytes | None
    fault: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class TemplateFiles:
    """Name → source and file. `faults` are ready lines "file:line: what" about files left out."""

    sources: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def where(self, name: str, line: int) -> str:
        return f"{self.paths.get(name, BUILTIN / name)}:{line}"

    def _read(self, path: Path, *names: str) -> None:
        try:
            with path.open("rb") as file:
                raw = file.read(_MAX_SOURCE + 1)
            source = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{path}:1: cannot be read as UTF-8 text: {error}")
            return
        if len(raw) > _MAX_SOURCE:
            self.faults.append(f"{path}:1: larger than {_MAX_SOURCE // 1024} KiB")
            return
        if has_token_characters(source):
            self.faults.append(f"{path}:1: contains private characters (U+E000, U+E001)")
            return
        for name in names:
            self.paths[name] = path
            self.sources[name] = source if path.name in LAYOUTS else without_tag_lines(source)


def read_templates(override: Path | None) -> TemplateFiles:
    """Our templates, with those of the folder `override` in their place. Never raises: see `faults`."""
    files = TemplateFiles()
    for path in sorted(BUILTIN.glob("*.j2")):
        files._read(path, path.name, BUILTIN_PREFIX + path.name)
    for path in sorted((BUILTIN / ANSWERS).glob("*.j2")):
        files._read(path, ANSWERS + path.name, BUILTIN_PREFIX + ANSWERS + path.name)
    if override is None:
        return files
    known = [name for name in files.sources if not name.startswith(BUILTIN_PREFIX)]
    try:
        paths = sorted(path for path in override.iterdir() if path.suffix == ".j2")
    except OSError as error:
        files.faults.append(f"{override}:1: cannot be read: {error.strerror}")
        return files
    for path in paths:
        if path.name not in known and not path.name.startswith("part_"):
            near = difflib.get_close_matches(path.name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "own parts begin with part_"
            files.faults.append(f"{path}:1: no mail uses this name; {hint}")
        files._read(path, path.name)
    _read_answers(files, override / ANSWERS)
    return files


def read_form(override: Path | None) -> WordFile:
    """The Formulir Konsultasi: the site's own, where its folder has one. Never raises."""
    own = override is not None and (override / word_form.NAME).is_file()
    path = (override if own and override is not None else BUILTIN) / word_form.NAME
    try:
        with path.open("rb") as file:
            raw = file.read(word_form.MOST + 1)
    except OSError as error:
        return WordFile(path, None, f"{path}:1: cannot be read: {error.strerror}", own)
    if len(raw) > word_form.MOST:
        return WordFile(path, None, f"{path}:1: larger than {word_form.MOST // 1000} kB; smaller pictures help", own)
    return WordFile(path, raw, own=own)


def _read_answers(files: TemplateFiles, folder: Path) -> None:
    """A site's canned answers. They replace ours by name or add to them. An empty one takes ours away."""
    try:
        paths = sorted(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        files.faults.append(f"{folder}:1: cannot be read: {error.strerror}")
        return
    for path in paths:
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.suffix != ".j2" or _CODE.fullmatch(path.stem) is None:
            files.faults.append(
                f"{path}:1: a canned answer is a file CODE.j2, its code in capitals, digits and underscores"
            )
            continue
        files._read(path, ANSWERS + path.name)


def without_tag_lines(source: str) -> str:
    """A line of one tag alone prints nothing, not even its line end; line numbers stay as they are.

    Unlike jinja2's trim_blocks this leaves `text{% endif %}` at the end of a line alone.
    """
    out = []
    for line in source.split("\n"):
        stripped = line.strip()
        tag = stripped.startswith("{%") and stripped.endswith("%}") and stripped.count("{%") == 1
        note = stripped.startswith("{#") and stripped.endswith("#}") and stripped.count("{#") == 1
        out.append(stripped + "{#\n#}" if tag or note else line + "\n")
    return "".join(out).removesuffix("\n")
