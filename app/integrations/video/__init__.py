"""Video visits: a room with one link for each side."""
