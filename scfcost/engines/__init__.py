"""Traces larger than memory, in parts of whole connections: on this machine, or on a cluster, with the same result."""
