"""Figures of a release for people in Python, of the very numbers that its report draws."""
