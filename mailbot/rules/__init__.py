"""What the office decides: the SOP as a table, and the words and figures beside it. Pure; reads files once."""

from pathlib import Path

#: The YAML files that mailbot brings; a site replaces them by name.
FOLDER = Path(__file__).parent
