"""Signing in: passwords, second factors, single sign-on, sessions, and what lies encrypted of them."""
