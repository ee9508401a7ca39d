"""Search: what can be found, the index of it, and what a query means."""
