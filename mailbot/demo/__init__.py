"""A play of SOP-LPSE.BTG-015 from the first mail to the last: the real program, servers of its own, a fast clock."""
