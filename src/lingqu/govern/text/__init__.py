"""Preparation of text: what is read at training is read in the same way at prediction."""
