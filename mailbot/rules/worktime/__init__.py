"""Time as an office counts it: service hours, working days, holidays, lengths, dates in words.
Pure; imports no other room.
"""
