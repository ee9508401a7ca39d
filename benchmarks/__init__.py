"""Measures of the whole product, printed as ratios against bases measured in the same run (docs/performance.md)."""
