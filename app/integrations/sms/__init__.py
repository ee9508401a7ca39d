"""Text messages to phones, through a gateway."""
