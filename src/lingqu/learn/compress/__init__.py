"""Smaller forms of a chosen model: quantised, pruned, projected, or taught to a student."""
