"""The man pages are made of the help and of docs/configuration.md: each is one that man(1) shows without a complaint,
and nothing of its source is left out."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess

import click
import pytest

from mailbot.cli.main import main
from tests import ROOT

PAGES: dict[str, str] = runpy.run_path(str(ROOT / "scripts" / "manpages.py"))["pages"]()


def shown(page: str) -> str:
    """As a reader has it on a wide terminal. Fails on what groff complains of."""
    groff = shutil.which("groff")
    if groff is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs groff", pytrace=False)
        pytest.skip("needs groff (apt-get install groff)")
    command = [groff, "-man", "-ww", "-Tutf8", "-rLL=400n", "-P-cbou", "-K", "utf8"]
    ended = subprocess.run(command, input=page, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_every_command_has_a_page() -> None:
    assert PAGES.keys() == {"mailbot.1", "mailbot-config.5", *(f"mailbot-{name}.1" for name in main.commands)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_shown_without_a_complaint_and_begins_with_its_name(name: str) -> None:
    text = " ".join(shown(PAGES[name]).split())
    bare, _, section = name.rpartition(".")
    assert text.startswith(f"{bare.upper()}({section})")
    assert f"NAME {bare} - " in text


def _with_below(command: click.Command) -> list[click.Command]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *below]


@pytest.mark.parametrize("name", main.commands)
def test_a_page_says_all_that_the_help_says(name: str) -> None:
    text = " ".join(shown(PAGES[f"mailbot-{name}.1"]).split())
    for command in _with_below(main.commands[name]):
        for paragraph in re.split(r"\n\s*\n", (command.help or "").replace("\b\n", "")):
            assert " ".join(paragraph.split()).rstrip(".") in text
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert all(word in text for word in option.opts)
                assert " ".join((option.help or "").split()) in text


def test_the_page_of_the_configuration_has_every_key_and_every_sentence_of_its_source() -> None:
    text = " ".join(shown(PAGES["mailbot-config.5"]).split())
    source = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    keys = re.findall(r"(?m)^\| `([^`]+)` \|", source)
    assert len(keys) > 60
    assert all(f"{key} " in text for key in keys)
    bare = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", re.sub(r"[`*|]", "", source))
    for sentence in re.findall(r"(?m)(?<=\. )[A-Z][^.\]\n]{30,}(?=\.(?: |$))", bare):
        assert " ".join(sentence.split()) in text, sentence
