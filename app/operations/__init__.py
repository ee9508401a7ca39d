"""What an operator does with the window: start it, migrate it, examine it."""
