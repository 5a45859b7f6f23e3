"""config.yaml → frozen settings, or every fault at once; and the site: all that handling a mailbox's mail needs.
Reads files at the start; asks no server and no database.
"""
