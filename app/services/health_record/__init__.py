"""The resident's own Kanta record: their consent to use it, and what is saved there."""
