"""Traffic that nobody has recorded yet: scenarios of arrivals, sessions and messages, generated as traces."""
