"""Augmentation: operators that make training rows, only on the training part of a fit."""
