"""What may not leave by itself: robots are known by what they do, floods are collected, held mails are let go.
Writes the outbox and its own notices; decides nothing about a ticket.
"""
