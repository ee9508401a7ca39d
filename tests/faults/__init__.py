"""The fault matrix: each page and delivery that needs an outside system × everything that system can do wrong."""
