"""Every mail that goes out: its catalogue, its template, and the bytes made of both.
Pure; templates are read once, at the start. A template sees only what its audience may see.
"""
