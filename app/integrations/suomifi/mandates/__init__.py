"""Suomi.fi mandates (Valtuudet): for whom a person may act, and in what."""
