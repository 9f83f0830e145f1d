"""Several functions and the services around them, as one bill."""
