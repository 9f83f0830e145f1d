"""What a trace costs, as a whole or in parts, and what is to be said of it."""
