"""Reads of self-help."""
