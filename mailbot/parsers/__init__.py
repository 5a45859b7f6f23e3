"""A mail's bytes become meaning: who wrote it, which ticket it belongs to, whose web form sent it.
Pure and total: any input gives a value or a ParseError, in time linear in its length.
"""
