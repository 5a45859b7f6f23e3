"""The Formulir Konsultasi: filled in by users in a mail, or by staff after a call or a visit.
Pure.
"""
