"""Learners that know what is usual: how far a row is from it, and who decides what is odd."""

CLASSES = ("normal", "anomaly")
"""The answers, in output order; the probability of the second is the share of training rows that
look less odd."""
USUAL = (
    "mahalanobis",
    "column_tails",
    "seasonal_residual",
    "linear_autoencoder",
    "isolation_forest",
    "lof",
    "autoencoder",
)
"""What is tried, the cheapest first: the first one is a usable model in milliseconds."""
