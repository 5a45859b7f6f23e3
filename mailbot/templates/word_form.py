"""The Formulir Konsultasi as a Word file: a template with fields, ours or a site's, filled in for one consultation.

The template is one that an office can change in Word: a field is written as {{ name }}. Its words are data of mails and
stay data: nothing in them is read as a field or as markup. docxtpl is imported when a form is made, not before.
"""

from __future__ import annotations

import difflib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from jinja2 import StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.clean import clean
from mailbot.errors import PermanentFailure
from mailbot.sentences import Sentences

if TYPE_CHECKING:
    from docxtpl import DocxTemplate

_SAID = Sentences(__file__)

NAME = "formulir.docx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Bytes of a template: a letterhead with a coat of arms, and not a brochure that each `#status` would bring.
MOST = 1_000_000

#: Field → an example of it. All are text, "" where nothing is known.
FIELDS: Mapping[str, str] = _SAID.table("fields")


def filled(template: bytes, values: Mapping[str, str]) -> bytes:
    """The form as a .docx file; the same bytes for the same values. `values` has every field.

    Raises PermanentFailure when the template is at fault.
    """
    shown = {name: _written(values[name]) for name in FIELDS}
    out = io.BytesIO()
    try:
        document = _document(template)
        document.render(shown, jinja_env=_environment())
        document.save(out)
    except Exception as error:  # a site's template may fail in any way
        raise PermanentFailure(NAME, str(error) or type(error).__name__) from error
    return undated(out.getvalue())


def faults(path: Path, template: bytes) -> list[str]:
    """What is wrong with a site's template, as lines "file:line: what" (a Word file has no lines: 1)."""
    try:
        document = _document(template)
        document.init_docx()
    except Exception:  # a text file with this name, an older .doc, half a download
        return [f"{path}:1: is no Word document (.docx)"]
    try:
        unknown = sorted(_names(document) - FIELDS.keys())
    except TemplateSyntaxError as error:
        return [f"{path}:1: {error.message}; a field is written as {{{{ name }}}}; known fields: {', '.join(FIELDS)}"]
    if unknown:
        return [f"{path}:1: {_unknown(name)}" for name in unknown]
    return list(dict.fromkeys(fault for values in _REHEARSALS for fault in _rehearsed(path, template, values)))


_REHEARSALS: tuple[Mapping[str, str], ...] = (FIELDS, dict.fromkeys(FIELDS, ""))


def _rehearsed(path: Path, template: bytes, values: Mapping[str, str]) -> list[str]:
    """Faults that only filling it in shows."""
    try:
        document = _document(template)
        document.render_init()
        ElementTree.fromstring(document.build_xml(dict(values), _environment()))
        filled(template, values)
    except ElementTree.ParseError:
        return [f"{path}:1: an if or for begins in one paragraph or table cell and ends in another"]
    except PermanentFailure as failure:
        return [f"{path}:1: {failure.reason}"]
    except Exception as error:
        return [f"{path}:1: {error}"]
    return []


def _names(document: DocxTemplate) -> set[str]:
    """The names that a template's body, headers, footers and footnotes show. Raises TemplateSyntaxError."""
    environment = _environment()
    sources = [document.get_xml()]
    for kind in (document.HEADER_URI, document.FOOTER_URI):
        sources += [document.get_part_xml(part) for _, part in document.get_headers_footers(kind)]
    found: set[str] = set()
    for source in sources:
        found |= meta.find_undeclared_variables(environment.parse(document.patch_xml(source)))
    return found


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, FIELDS, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown field {name!r}{hint}; known fields: {', '.join(FIELDS)}"


def _document(template: bytes) -> DocxTemplate:
    from docxtpl import DocxTemplate

    return DocxTemplate(io.BytesIO(template))


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def _written(value: str) -> str:
    """A value as XML can hold it (XML 1.0, 2.2); docxtpl reads these pairs as what Jinja begins and ends with."""
    text = clean(value).strip("\n")
    for pair in ("{_", "_}"):
        text = text.replace(pair, pair[0] + "\u2060" + pair[1])
    return text


def undated(raw: bytes) -> bytes:
    """A zip archive without the time of its making in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            kept.writestr(zipfile.ZipInfo(name), made.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
