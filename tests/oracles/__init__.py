"""Independent judges: plain loops over plain integers, and closed forms."""
