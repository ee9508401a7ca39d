"""Suomi.fi Messages: the resident's official mailbox."""
