"""What a reply of Helpdesk LKPP means (SOP steps 4, 6, 12 to 14), and what proves that LKPP says "solved".
Pure; the phrases are read once, at the start.
"""
