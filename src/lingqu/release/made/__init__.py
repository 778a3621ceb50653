"""Rows that a generator makes: what they are asked by, their noise, how cells are decoded."""
