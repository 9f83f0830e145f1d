"""One trace on several platforms."""
