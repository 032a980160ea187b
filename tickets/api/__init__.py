"""The API of service requests."""
