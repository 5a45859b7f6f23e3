"""The report of a month: the rows (`lives`), what they come to (`figures`, pure), and how that is shown: in a mail
(`shown`), and as a page of its own (`page`). Numbers only from the tickets.
"""
