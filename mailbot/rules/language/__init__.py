"""Indonesian words as people type them: spelling, stems, stop words, phrases, and what makes a text nobody's.
Pure; imports no other room.
"""
