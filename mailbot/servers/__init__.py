"""The mail servers: reading and marking folders (IMAP, RFC 3501), submitting mails (SMTP, RFC 6409).
The only room that talks to a network; it knows no rules and keeps nothing.
"""
