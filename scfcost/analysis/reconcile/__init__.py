"""A forecast against what the platform logged and billed."""
