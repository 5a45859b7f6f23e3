"""The SOPs as they are printed, as text, Markdown and HTML, from the tables that the program runs on."""
