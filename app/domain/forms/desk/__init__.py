"""What content owners do with a Questionnaire: its texts one by one, marks, trying its expressions, version numbers."""
