"""The Indonesian sentences of the modules, which stand in `sentences.yaml` of their folder: one section a module.

The code names a sentence and gives its values:

    _SAID = Sentences(__file__)            # checks.py
    _SAID("two_tickets", first=…, second=…)

    checks:                                # sentences.yaml
      two_tickets: E-mail ini menunjuk dua tiket, {first} dan {second}.

`tests/project/test_sentences.py` holds names and fields of both sides together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mailbot import yamlfile

_FIELD = re.compile(r"\{([a-z_]+)\}")


class Sentences:
    """The sentences of one module. They are read with the module: a program that is upgraded while it runs goes on
    with the words that it began with."""

    def __init__(self, module: str) -> None:
        """module: the `__file__` of the module that says them."""
        path = Path(module)
        section = path.parent.name if path.stem == "__init__" else path.stem
        self._said = _sections(path.with_name("sentences.yaml"))[section]

    def __call__(self, name: str, /, **values: object) -> str:
        """The sentence with its fields filled in. Raises KeyError for an unknown name and a field without a value."""
        return filled(self._said[name], **values)

    def table(self, name: str) -> Mapping[str, str]:
        """Words by the key of what they name. Raises KeyError for an unknown name."""
        return MappingProxyType(self._said[name])


@cache
def _sections(file: Path) -> Mapping[str, Mapping[str, Any]]:
    sections: Mapping[str, Mapping[str, Any]] = yamlfile.read(file).data
    return sections


def filled(sentence: str, /, **values: object) -> str:
    """A sentence out of one of our files with its fields filled in: "{name}" and nothing else of `str.format`, in one
    pass, so that no value is read for fields. Raises KeyError for a field without a value."""
    return _FIELD.sub(lambda field: str(values[field[1]]), sentence)
