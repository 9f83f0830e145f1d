"""Instances as processes that each believe they listen on 0.0.0.0:9000."""
