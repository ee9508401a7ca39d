"""A malware scanner, which looks at every file that a resident adds before it is kept."""
