"""Suomi.fi e-Identification: who the resident is."""
