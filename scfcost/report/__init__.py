"""Results into what people and scripts read."""
