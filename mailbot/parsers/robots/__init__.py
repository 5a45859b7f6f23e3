"""Mail of machines: automatic replies (RFC 3834), delivery reports (RFC 3464), bounces, acknowledgements.
Pure.
"""
