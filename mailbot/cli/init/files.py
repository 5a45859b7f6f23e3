"""The answers as files: config.yaml and the drop-in of systemd, both or none."""

from __future__ import annotations

import json
import re
import tempfile
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mailbot.clean import one_line
from mailbot.cli import written
from mailbot.cli.init.answers import Answers, providers
from mailbot.config import settings
from mailbot.errors import ConfigError
from mailbot.reports.pages import Pages

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9.@/_-]*")
#: What other readers of YAML take for something else than text.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def config_yaml(answers: Answers) -> bytes:
    """Raises ConfigError with what the configuration's reader has against it; passwords are not looked for."""
    roles = [(role, answers[role]) for role in ("coordinator", "head", "operator")]
    provider = providers()[answers["provider"]]
    text = _CONFIG.render("config.yaml.j2", **{**answers, "provider": provider, "others": roles})
    with tempfile.TemporaryDirectory(prefix="mailbot-init-") as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            settings.load(path, {}, secrets=False)
        except ConfigError as error:  # of a file that nobody will see: its keys are enough
            raise ConfigError([re.sub(r"^.*?:\d+: ", "answers: ", fault) for fault in error.faults]) from None
    return text.encode()


def drop_in(answers: Answers) -> bytes:
    folder = Path(answers["config"]).parent
    return _DROP_IN.render("drop_in.conf.j2", credential=answers["credential"], folder=folder).encode()


def put(files: Sequence[tuple[Path, bytes]]) -> None:
    """All of them, or, where one cannot be written, what was there before. Raises OSError, UsageError."""
    before: list[tuple[Path, bytes | None]] = []
    try:
        for path, raw in files:
            before.append((path, path.read_bytes() if path.exists() else None))
            written.whole(path, raw)
    except BaseException:
        for path, old in before[:-1]:
            with suppress(OSError):
                if old is None:
                    path.unlink()
                else:
                    written.whole(path, old)
        raise


def _yaml(value: Any) -> str:
    """A value as YAML: text in quotes where it could be read as anything else."""
    if not isinstance(value, str):
        return "null" if value is None else str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _unit(value: Any) -> str:
    """For a unit: no specifier (systemd.unit(5))."""
    return one_line(str(value)).replace("%", "%%")


def _comment(value: Any) -> str:
    return textwrap.fill(one_line(str(value)), 118, initial_indent="    # - ", subsequent_indent="    #   ")


_CONFIG = Pages(Path(__file__).parent, _yaml, filters={"bare": lambda value: one_line(str(value)), "comment": _comment})
_DROP_IN = Pages(Path(__file__).parent, _unit)
