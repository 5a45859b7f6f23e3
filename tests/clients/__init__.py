"""People at real mail programs: Roundcube in a Chromium, and Thunderbird, against Dovecot and Postfix.

`make clients` runs the programs: `test_mail_programs.py` opens a mail of each kind (`situations.py`), follows its links
and answers it. What the programs make of it is kept in `tests/fixtures/clients` (`kept.py`) and read again by
`test_kept_mails.py`, which needs none of them and is a part of `make test`.
"""
