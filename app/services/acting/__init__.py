"""Acting for another: by which right, how it begins and ends, and what is recorded at the desk about who helps whom."""
