"""Preparation of recordings: the same at training and at prediction, so it travels."""
