"""What is durable: the database with its migrations, the journal of what came, the outbox of what leaves, backups.
All SQL about mails stands here, each statement once; who needs one calls its function.
Every write stands in a transaction that begins with BEGIN IMMEDIATE; no transaction is open while a network is used.
"""
