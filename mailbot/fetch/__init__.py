"""A folder on the server → the journal; and the process in which journalled mails are read.
Writes the journal only; what is fetched is durable before it is understood.
"""
