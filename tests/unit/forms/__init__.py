"""The form engine, without database or pages."""
