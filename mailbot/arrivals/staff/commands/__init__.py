"""The commands of staff that need more than the row of their event: one module each."""
