"""Tickets in the database: rows, parties, texts, clocks, penyimpangan, consultations, search, similar cases.
All SQL about tickets stands here, each statement once; only `reports` reads beside it. Sends nothing and decides nothing.
"""
