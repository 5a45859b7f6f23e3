"""A journalled mail → an event: from a user, from LKPP, from a machine, from staff (`staff`), or quarantined.
Each mail is handled in transactions of its own; a mail that cannot be handled never stops the next.
"""
