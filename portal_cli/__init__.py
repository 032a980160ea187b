"""`portal`, the command-line client: it knows the portal by its public API alone and imports nothing of ours."""
