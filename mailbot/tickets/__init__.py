"""Tickets in the database: rows, parties, texts, clocks, penyimpangan, consultations, search, similar cases.
All SQL about tickets stands here, each statement once (`reports` reads by its own). Sends and decides nothing.
"""
