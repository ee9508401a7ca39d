"""From what a resident types to answers, what is to be mended in them, and answers in words."""
