"""How much traffic the settings carry."""
