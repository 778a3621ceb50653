"""The task verify: are two things of one identity? What makes pairs and learners agree on."""

CLASSES = ("different", "same")
"""Its two answers; probabilities are about the second."""
OTHER = ".other"
"""Behind the name of a column: the same of the second thing of a pair."""
FIRST, SECOND = ".first", ".second"
"""Behind the name of the target: a number for the identity of either thing of a pair."""
