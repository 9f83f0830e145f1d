"""Several functions, the calls between them and the services around them, as one bill."""
