"""Forms in use: their versions, drafts that are filled page by page, what is sent, and what follows from it."""
