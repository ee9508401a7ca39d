"""Times: published, found free, held, booked, changed and cancelled, here or in another booking system."""
