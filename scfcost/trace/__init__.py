"""A trace in memory, and the files it comes from."""
