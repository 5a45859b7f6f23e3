"""What people and files are shown: the printed SOP, lists, the rekap, the Daftar Arsip, the guest book.
Reads the database; writes nothing.
"""
