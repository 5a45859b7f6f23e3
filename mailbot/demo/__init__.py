"""The procedure as a play on servers of its own, with the real program, and its page.
Touches loopback and its own folder only; the program never imports it.
"""
