"""Calendars, policies, commitments and the escalation ladder: plain values in, frozen results out."""
