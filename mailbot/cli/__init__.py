"""The commands of the operator; each a few lines over a function that tests call too.
Prints, asks and exits; nothing imports this room.
"""
