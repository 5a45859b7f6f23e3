"""The commands of staff: their words, their lines in a mail, what a canned answer's code is.
Pure.
"""
