"""What may not leave by itself: robots are known by what they do, floods are collected, held mails are let go.
Asked by the effects that answer by themselves and by staff's receipts; the caps are asked where a mail is written
(`letters.caps`). Writes the outbox, its notices and what of the journal was listed; decides nothing about a ticket.
"""
