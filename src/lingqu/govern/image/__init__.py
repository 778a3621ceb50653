"""Preparation of pictures: the same at training and at prediction, so it travels in the release."""
