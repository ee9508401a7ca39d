"""`make conformance`: outside material tried on the real pages; prints how much was checked."""
