"""What is asked now and what follows from the answers: conditions, and FHIRPath expressions that are evaluated
only when what they read has changed."""
