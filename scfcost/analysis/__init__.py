"""Questions that are asked of a trace, a file or a folder each."""
