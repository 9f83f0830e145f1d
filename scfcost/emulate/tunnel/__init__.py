"""Bytes from a client to an instance and back, untouched; what passes is looked at and told to the model."""
