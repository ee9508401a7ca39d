"""Writes to outside systems: their queue, how each kind is sent, and what operators may do with them."""
