"""Faults that take minutes to try: run by `make chaos` only."""
