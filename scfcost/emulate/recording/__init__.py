"""What was seen, written down as it comes: a trace, a log as the platform exports it, settings and counts."""
