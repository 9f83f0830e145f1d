"""What a user can set: of a function, and where each setting came from."""
