"""Results on one screen of a terminal."""
