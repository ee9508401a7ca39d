"""Self-assessments: what is on offer, filling one in, what was answered, and the guides that results point to."""
