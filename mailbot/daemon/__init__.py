"""What keeps everything turning: `mailbot run` with its threads, `mailbot once` as a single round.
Everything in memory may be lost at any moment; what is due is found again in the database.
"""
