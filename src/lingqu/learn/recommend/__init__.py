"""Learners of what somebody takes next, from what many took: and who decides between them."""

USUAL = ("popularity", "item_knn", "ease", "als", "bpr", "two_tower")
"""What is tried, the cheapest first: the first one is a usable model in milliseconds."""
