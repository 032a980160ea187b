"""The API of people, organisations, plans and tokens, and the base on which every app builds its own."""
