"""The county's client and patient record systems: where cases are handled and entries are kept."""
