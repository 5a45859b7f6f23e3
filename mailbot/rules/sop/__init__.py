"""The SOP as a table (sop015.yaml), what it decides for a ticket and an event, and the clocks it starts and ends.
Pure; the table is read once, at the start.
"""
