"""Policies: learners that act in an environment, and what is tried when nobody names any."""

TRIED: tuple[str, ...] = ("usual_action", "ppo", "dqn")
"""What is tried unasked, in order; who reaches what the environment calls solved ends it."""
TABLES: tuple[str, ...] = ("value_iteration",)
"""What is tried first where the environment states all its transitions."""

OF_TABLES = frozenset({"value_iteration", "policy_iteration"})
"""What reads every transition of an environment."""
OF_AMOUNTS: tuple[str, ...] = ("usual_action", "ppo")
"""What is tried, and what can be named, where an action is an amount between bounds."""
SURE = 0.01
"""How undecided a policy is, as a share of that at random, from which it draws one action only."""
LOGGED: tuple[str, ...] = ("best_action", "reward_regression", "doubly_robust")
"""What learns from logged decisions, the simplest first."""


def tried(table: bool, amount: bool = False) -> tuple[str, ...]:
    """Return the learners that are tried when nobody names any.

    Args:
        table: Whether the environment states all its transitions.
        amount: Whether an action is an amount.

    Example:
        >>> tried(False), tried(False, amount=True)
        (('usual_action', 'ppo', 'dqn'), ('usual_action', 'ppo'))
    """
    if amount:
        return OF_AMOUNTS
    return (TRIED[0], *TABLES) if table else TRIED
