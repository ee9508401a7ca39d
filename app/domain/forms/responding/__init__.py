"""The QuestionnaireResponse: made, validated, read back, and answers carried to another version of their form."""
