"""Invocations into usage in integers, usage into a bill in Decimal."""
