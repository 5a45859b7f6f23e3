"""Mail of staff, coordinator and head: its authority, its commands carried out all or none, and the receipt.
A command leads to an event of `procedure`, or to an answer by mail.
"""
