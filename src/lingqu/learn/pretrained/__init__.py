"""Models that were trained on much more than the rows at hand, from a folder: read, tuned, kept."""
