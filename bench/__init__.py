"""Measures the pages and the clockwork: `make bench`."""
