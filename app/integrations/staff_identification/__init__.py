"""The county's sign-in of staff."""
