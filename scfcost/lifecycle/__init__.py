"""Sessions into invocations into instances: arrays in, arrays out."""
