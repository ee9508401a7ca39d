"""E-mail, through a mail server that takes messages over JMAP."""
