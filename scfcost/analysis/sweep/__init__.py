"""A trace under many settings, and which of them to deploy."""
