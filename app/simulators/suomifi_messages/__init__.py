"""Suomi.fi Messages: the REST interface in the shape that its public clients speak."""
