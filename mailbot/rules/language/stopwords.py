"""Words that tell nothing of what a mail is about.

Two sets, because a word left out costs differently: whoever searches for "informasi tender" means both words, while two
mails that both say "mohon informasi" have nothing in common by that.
"""

from __future__ import annotations

from mailbot import wordfile

_WORDS = wordfile.read(__file__, "stopwords.txt")

#: Left out of what somebody searches for, where there are other words.
IN_EVERY_MAIL = _WORDS["function and courtesy"].words
#: Left out where problems are compared: also what talk is full of, and every second mail to a helpdesk.
IN_MANY_MAILS = IN_EVERY_MAIL | _WORDS["chatter"].words | _WORDS["to a helpdesk"].words
