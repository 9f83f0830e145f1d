"""Dated price books and platform limits, each figure with its source."""
