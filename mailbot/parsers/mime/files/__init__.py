"""What stands in a mail's files, and which of them are its body in another form."""
