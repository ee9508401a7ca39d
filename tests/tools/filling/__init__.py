"""Somebody who fills in any form on its real pages, whatever it asks, and a look at what came of it."""
