"""Sends what is due for all mailboxes: the postman, in a process of its own that loads nothing else, or in a thread.
Only `child` and what it imports run in that process."""
