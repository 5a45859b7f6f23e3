"""Days, months and lengths as people write them.
Pure; today is always given.
"""
