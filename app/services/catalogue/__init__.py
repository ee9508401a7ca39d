"""The county's services and places: kept here, and brought up to date from the national catalogue."""
