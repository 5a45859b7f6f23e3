"""What is kept about one person: where it stands (`mailbot person find`), and a copy of it for that person
(`mailbot person export`)."""
