"""Tickets in the database: rows, parties, texts, clocks, penyimpangan, consultations, search, similar cases.
Asks and writes the database; sends nothing and decides nothing.
"""
