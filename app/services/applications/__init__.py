"""Applications in social welfare: pending from their arrival, more asked and given, withdrawn or decided."""
