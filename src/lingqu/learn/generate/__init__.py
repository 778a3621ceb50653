"""Learners that make rows and pictures: one is chosen by how like held-out rows they are."""

from lingqu.core.made_scores import OF_PICTURES, OF_TABLES
from lingqu.core.schema import Schema

TABLES = ("sequential_trees", "table_vae")
"""Learners of tables that are tried when nobody names any; the first is fitted in a moment."""
PICTURES = ("picture_vae", "picture_gan")
"""The same of pictures."""


def tried(schema: Schema) -> tuple[str, ...]:
    """Return the learners that are tried of rows like these.

    Example:
        >>> from lingqu.core.schema import Column
        >>> tried(Schema((Column("age", "number"),)))
        ('sequential_trees', 'table_vae')
    """
    return PICTURES if is_pictures(schema) else TABLES


def scores(schema: Schema) -> tuple[str, ...]:
    """Return the scores by which a learner of such rows may be chosen, the usual one first."""
    names = OF_PICTURES if is_pictures(schema) else OF_TABLES
    return tuple(name for name in names if name != "tstr" or schema.target is not None)


def is_pictures(schema: Schema) -> bool:
    """Tell whether rows are pictures, and no table."""
    return any(column.kind == "image" for column in schema.features)
