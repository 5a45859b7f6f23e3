"""The 55 threats of docs/security.md: each has one test here, named after it and numbered as there.

A hostile mail goes in as bytes; then every mail that left is looked at, and the tickets. `test_table.py` keeps the page
and the tests together, `without.py` takes each defence out of a copy and sees its test fail.
"""
