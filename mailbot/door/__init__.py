"""The one door between the parties: words and files go to a user or to LKPP through it, and no other way.

A `Passage` says from whom, to whom, of which mails, which words and files, and why. `through` keeps back the files that
may not pass and records the rest in the ledger (tickets' texts and attachments); `prove` holds each mail against both.
It asks the ledger in `tickets` and writes no mail."""

from mailbot.door.passage import Passage, Passed, keeps_back
from mailbot.door.proof import prove
from mailbot.door.recording import INSIDE, ledger_of, repeated, said_of, through

__all__ = ["INSIDE", "Passage", "Passed", "keeps_back", "ledger_of", "prove", "repeated", "said_of", "through"]
