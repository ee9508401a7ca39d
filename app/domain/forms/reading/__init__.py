"""What a Questionnaire says, read leniently: every departure from the standard is named, and only what would
change the meaning is refused."""
