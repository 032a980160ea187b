"""What the settings wire into the API: errors, parsers, sign-in, paging, limits and the schema."""
