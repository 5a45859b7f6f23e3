"""The outbox → the server: submits what is due, keeps what the server said, looks up what may have been sent.
A mail's bytes and Message-ID never change here; what is accepted is never sent again.
"""
