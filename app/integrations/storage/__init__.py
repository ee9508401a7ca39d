"""Where the contents of files lie: encrypted, in chunks, in PostgreSQL."""
