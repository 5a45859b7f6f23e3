"""The evidence of a ticket for auditors: originals, what was sent, history and deadlines, in one file whose every line
is chained to the one before (`mailbot evidence`)."""
