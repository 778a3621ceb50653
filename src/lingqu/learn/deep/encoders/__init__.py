"""Encoders: what makes one vector of a table, a picture or a text; one per file."""
