"""Organisations, people, roles, plans, sign-in, tokens, the audit trail and the outbox."""
