"""`python -m mailbot`."""

from mailbot.cli.main import main

main(prog_name="mailbot")
