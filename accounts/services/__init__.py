"""What people and the clock do with organisations, people and tokens: one function for each act."""
