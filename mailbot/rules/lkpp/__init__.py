"""What a reply of Helpdesk LKPP means (SOP steps 4, 6, 12 to 14), what proves that LKPP says "solved", and what of
its words the user may read.
Pure; the phrases are read once, at the start.
"""
