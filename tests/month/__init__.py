"""A month of an office, played on a fast clock; and what it comes to, counted a second time from the mails alone."""
