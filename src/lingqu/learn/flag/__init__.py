"""Learners that know what is usual: how far a row is from it, and who decides what is odd."""

CLASSES = ("normal", "anomaly")
"""The answers, in output order; the probability of the second is the share of training rows that
look less odd."""
SHOWN = "labelled_forest"
"""The one that learns from known anomalies."""
USUAL = (
    "mahalanobis",
    "column_tails",
    "seasonal_residual",
    "linear_autoencoder",
    "isolation_forest",
    "lof",
    SHOWN,
    "autoencoder",
)
"""What is tried, the cheapest first: the first one is a usable model in milliseconds."""
