"""Measurements of mailbot against Dovecot and Postfix on this machine. docs/performance.md holds the figures.

    python -m bench.watching       a thread for each folder, one loop for all, or a loop and a few workers
    python -m bench.acceptance     delivery at Dovecot to the acceptance of the acknowledgement by Postfix

Both need what the tests with real servers need (root, Dovecot 2.3 or 2.4, Postfix), run from the top of a checkout, use
loopback only, and end by themselves. `--help` shows what can be made smaller. Without servers:

    python -m bench.crossings      through how many modules a mail goes, and how often from one to another
"""
