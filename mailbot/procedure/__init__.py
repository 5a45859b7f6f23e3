"""An event happens to a ticket: decide, then one transaction with status, history, clocks and the mails that follow.
The only room in which the rules meet the database.
"""
