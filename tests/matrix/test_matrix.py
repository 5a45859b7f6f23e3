"""Every case of the matrix: no word of a writer is lost, and no canary reaches somebody who may not read it.

See `tests.matrix` for what a case is and how to run one again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from zlib import crc32

import pytest

from tests.matrix import carried, clients, opening
from tests.matrix.clients import CLIENTS, MARKERS, PLACES
from tests.matrix.scenes import ASIDES, INSIDE, SCENES, SPELLINGS, SUBJECT, Scene, Stage, codes_of, forbidden, stage
from tests.mime_shapes import SHAPES
from tests.world import LPSE, PEOPLE, WIB

WHOLE = bool(os.environ.get("MAILBOT_MATRIX_WHOLE"))
ONLY = os.environ.get("MAILBOT_MATRIX_CASE", "")
#: Which tenth `make test` takes: always the same, so that a fault in another tenth stops nobody who has not made it.
SEED = int(os.environ.get("MAILBOT_MATRIX_SEED") or 15)
#: One case of so many, in `make test`.
SHARE = 10
#: Mail programs that write each cell of scene, shape, place and marker; they take turns.
PROGRAMS = 3

#: One form of their body holds the writer's words alone.
ALL_ABOVE = ("the quotation in the HTML only", "the quotation in the HTML alternative only")
#: Nobody can tell what their body is: they go to staff and to nobody else.
UNTOLD = frozenset({"winmail.dat alone", "winmail.dat that breaks off", "a list's footer"})
#: Something stands below their quotation (the place of a file, the same words in another form), which may be an answer:
#: with some programs they are asked about. No program of today writes them.
ASKED = frozenset(
    {
        *("uuencode", "uuencoded page", "uuencoded winmail.dat"),
        *("a stub and an attached page", "mixed, marked text and Outlook's HTML"),
    }
)
BELOW = ("bottom", "bottom, signed")
#: In these shapes what stands below a quotation is asked about, with some programs: a page of Outlook or Zimbra does
#: not tell where its quotation ends, and where one form holds more than the other, something stands behind the words.
ODDLY_BELOW = frozenset(
    {
        *("HTML only", "mixed, HTML and text", "related, HTML and text", "the page twice", "text attached"),
        *("only an attached page", "the quotation in the HTML only", "the quotation in the HTML alternative only"),
        *("Exchange, the rest as ATT", "Exchange, a text as ATT", "Apple Mail, pieces of HTML"),
        "winmail.dat beside two forms",
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    scene: Scene
    shape: str
    place: str
    marker: str
    client: str

    @property
    def name(self) -> str:
        return f"{self.scene.name}/{self.shape}/{self.place}/{self.marker}/{self.client}"

    @property
    def number(self) -> int:
        """By which what a case leaves open is chosen: always the same."""
        return crc32(self.name.encode())


def cases(scene: Scene, shape: str) -> Iterator[Case]:
    programs = list(CLIENTS)
    cells = [(place, marker) for place in PLACES for marker in MARKERS]
    for number, (place, marker) in enumerate(cells, crc32(f"{scene.name} {shape}".encode())):
        for each in range(PROGRAMS):
            yield Case(scene, shape, place, marker, programs[(number * PROGRAMS + each) % len(programs)])


def chosen(scene: Scene, shape: str) -> list[Case]:
    found = list(cases(scene, shape))
    if ONLY:
        return [case for case in found if case.name == ONLY]
    if WHOLE:
        return found
    return random.Random(f"{SEED} {scene.name} {shape}").sample(found, max(1, len(found) // SHARE))


# --- one case ---------------------------------------------------------------------------------------------


def words_of(case: Case) -> list[str]:
    spelling, aside = SPELLINGS[case.number % len(SPELLINGS)], ASIDES[case.number % len(ASIDES)]
    words = [each.format(spelling=spelling, aside=aside) for each in case.scene.words]
    if case.scene.command:
        words[0] = f"{case.scene.command}\n{words[0]}"
    return words


def kept_words(case: Case) -> list[str]:
    """What of each sentence must be read: all but a password."""
    return [
        opening.letters(each.partition("{spelling}")[0].format(aside=ASIDES[case.number % len(ASIDES)]))
        for each in case.scene.words
    ]


def quoted_of(case: Case) -> tuple[tuple[str, str], ...]:
    ways = case.scene.quoted
    return ways[case.number // 7 % len(ways)]


def mail_of(case: Case, at: Stage) -> bytes:
    found = [at.letter(*each) for each in quoted_of(case)]
    quoted = [clients.with_marker(clients.ours(each), case.marker, case.number) for each in found]
    who, first = case.scene.writer, found[0]
    forwards = case.place == "forwarded"
    subject = f"{'Fwd' if forwards else 'Re'}: {first.subject}"
    if who in ("petugas", "lkpp"):
        subject += f" {SUBJECT}"
    headers = [
        f"From: {who.title()} <{PEOPLE[who]}>",
        f"To: {LPSE}",
        f"Subject: {Header(subject, maxlinelen=900).encode() if not subject.isascii() else subject}",
        f"Message-ID: <{case.number:x}.{who.replace(' ', '')}@{PEOPLE[who].partition('@')[2]}>",
        f"Date: {at.office.now.astimezone(WIB):%a, %d %b %Y %H:%M:%S} +0700",
    ]
    # Forwarding starts no thread with some programs; staff and LKPP would then be nobody.
    if not (forwards and who in ("pengguna", "orang luar") and case.number % 2):
        headers += [f"In-Reply-To: {first.message_id}", f"References: {first.message_id}"]
    client = CLIENTS[case.client]
    said = clients.written(
        client, quoted, words_of(case), case.place, tuple(headers), all_above=case.shape in ALL_ABOVE
    )
    if case.shape in carried.SHAPES:
        return carried.SHAPES[case.shape](said, found[-1].raw, quoted[-1])
    return SHAPES[case.shape](said)


def faults(case: Case) -> Iterator[str]:
    """What is wrong in this case."""
    at = stage(case.scene.state)
    at.begin()
    at.office.drop(mail_of(case, at))
    if not at.office.once():
        yield "not handled: the round is not complete"
        return
    left = [(str(row["recipient"]), str(row["template"]), bytes(row["raw"])) for row in at.left()]
    codes = tuple(code for each in quoted_of(case) for code in codes_of(at.letter(*each)))
    yield from _canaries(case, left, codes)
    yield from _lost(case, left)


def _canaries(case: Case, left: list[tuple[str, str, bytes]], codes: tuple[str, ...]) -> Iterator[str]:
    for reader, template, raw in left:
        # A mail of which nobody can tell what its body is goes to staff as it came.
        text = opening.letters(opening.plain(raw) if reader in INSIDE else opening.opened(raw))
        signature = (clients.SIGNED,) if case.scene.writer in ("petugas", "lkpp") and reader not in INSIDE else ()
        for canary in (*forbidden(case.scene, reader, codes), *signature):
            if opening.letters(canary) in text:
                yield f"canary: {canary} in {template} to {reader}"
    said = kept_words(case)
    for who in case.scene.silent:
        for reader, template, raw in left:
            text = opening.letters(opening.opened(raw)) if reader == PEOPLE[who] else ""
            if any(each in text for each in said):
                yield f"canary: words in {template} to {reader}, where no path leads"


def _lost(case: Case, left: list[tuple[str, str, bytes]]) -> Iterator[str]:
    said = kept_words(case)
    texts = {
        inside: opening.letters(
            "\n".join(opening.plain(raw) for reader, _, raw in left if (reader in INSIDE) is inside)
        )
        for inside in (True, False)
    }
    files = opening.letters("\n".join(opening.originals(raw) for reader, _, raw in left if reader in INSIDE))
    reaches = None if case.scene.reaches is None else PEOPLE[case.scene.reaches]
    passed = opening.letters("\n".join(opening.plain(raw) for reader, _, raw in left if reader == reaches))
    arrived = [each in passed for each in said]
    if case.scene.writer == "petugas":
        if any(arrived) and not all(arrived):
            yield f"lost: half of the words go to {reaches}"
        if not any(arrived) and not any(reader == PEOPLE["petugas"] for reader, _, _ in left):
            yield "lost: staff are told nothing of their mail"
    else:
        for number, each in enumerate(said):
            if each not in texts[True] and each not in files:
                yield f"lost: sentence {number + 1} of {len(said)} is read by nobody of staff"
    if reaches is not None and _must_go(case) and not all(arrived):
        yield f"held: an ordinary mail does not reach {reaches}"


def _must_go(case: Case) -> bool:
    """Words above or below the quotation of a mail whose marker stands, in a shape that can be told: the everyday case.
    A command counts only above, and below a quotation of several mails nothing is plain."""
    told = case.shape in SHAPES and case.shape not in UNTOLD | ASKED
    if not told or case.marker != "whole":
        return False
    below = case.scene.writer == "pengguna" or (not case.scene.command and len(quoted_of(case)) == 1)
    return case.place == "top" or (case.place in BELOW and below and case.shape not in ODDLY_BELOW)


# --- tests ------------------------------------------------------------------------------------------------


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_no_word_is_lost_and_no_canary_passes(scene: Scene, shape: str) -> None:
    _check(scene, shape)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("shape", carried.SHAPES)
@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_a_mail_of_ours_in_a_file_goes_no_further(scene: Scene, shape: str) -> None:
    _check(scene, shape)


def _check(scene: Scene, shape: str) -> None:
    some = chosen(scene, shape)
    if not some:
        pytest.skip("another case was asked for")
    found = [f"{case.name}: {fault}" for case in some for fault in faults(case)]
    assert not found, f"seed {SEED}: {len(found)} faults in {len(some)} cases:\n" + "\n".join(found)


def test_the_matrix_is_as_large_as_it_says() -> None:
    parties = ("user", "staff", "LKPP")
    assert set(SCENES) == {f"{one} to {other}" for one in parties for other in parties}
    assert len(SHAPES) >= 88
    assert len(list(cases(SCENES["user to LKPP"], "Gmail"))) == len(PLACES) * len(MARKERS) * PROGRAMS
