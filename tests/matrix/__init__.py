"""The matrix: who writes × for whom × MIME shape × place of the words × our marker line × mail program.

Each case is one mail. Its writer answers a mail that mailbot has really sent in that case, quotes it as his program
does, and writes three sentences of his own. The mail goes through an office on paper; then all that leaves is opened
with the standard library and searched. Two things must hold: no word of the writer is lost towards those for whom it
is, and no canary (a word that stands nowhere else) reaches somebody who may not read it.

`clients.py` writes mails as programs do, `scenes.py` says who writes to whom and who may read what, `opening.py` opens
what leaves, `test_matrix.py` runs the cases.

`make matrix` runs all. `make test` runs a tenth, drawn with a seed that stands in the name of each failure; the seeds
take turns, one each day. To see one again: `MAILBOT_MATRIX_SEED=… pytest tests/matrix`, or one case alone:
`MAILBOT_MATRIX_CASE="user to LKPP/Gmail/top/whole/Outlook" pytest tests/matrix`.
"""
