"""Masks what must not be read on: the passwords, PINs and one-time codes that users write, and numbers of persons.

Pure, linear in the text's length, and doing it twice changes nothing. Imports nothing but the standard library and
the reader of its words: the log uses it.
"""

from mailbot.masking.marks import MASK, mark_in, of_no_kind, without_marks
from mailbot.masking.numbers import mask_identity
from mailbot.masking.secrets import mask

__all__ = ["MASK", "mark_in", "mask", "mask_identity", "of_no_kind", "without_marks"]
