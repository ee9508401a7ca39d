"""A person's own data to read and take along, requests to correct it, and what they permit."""
