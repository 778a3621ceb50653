"""Policies: learners that act in an environment, and what is tried when nobody names any."""

TRIED: tuple[str, ...] = ("usual_action", "ppo", "dqn")
"""What is tried unasked, in order; who reaches what the environment calls solved ends it."""
TABLES: tuple[str, ...] = ("value_iteration",)
"""What is tried first where the environment states all its transitions."""

OF_TABLES = frozenset({"value_iteration", "policy_iteration"})
"""What reads every transition of an environment."""
LOGGED: tuple[str, ...] = ("best_action", "reward_regression", "doubly_robust")
"""What learns from logged decisions, the simplest first."""


def tried(table: bool) -> tuple[str, ...]:
    """Return the learners that are tried when nobody names any.

    Example:
        >>> tried(False)
        ('usual_action', 'ppo', 'dqn')
    """
    if not table:
        return TRIED
    return (TRIED[0], *TABLES) if TABLES else TRIED
