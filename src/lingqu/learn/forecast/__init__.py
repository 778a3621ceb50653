"""Learners of time series: what looks at one series, what learns from all, and who decides."""

USUAL = (
    "seasonal_naive",
    "recent_mean",
    "drift",
    "lag_linear",
    "theta",
    "ets",
    "lag_trees",
    "arima",
)
"""What is tried, the cheapest first: the first one is a usable model in milliseconds."""
