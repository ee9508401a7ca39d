"""Self-assessments: Omaolo, or our own assessment service that speaks the same way."""
