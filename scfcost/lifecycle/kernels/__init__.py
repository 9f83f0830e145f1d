"""Compiled loops of the lifecycle: arrays in, arrays out."""
