"""Learners whose answers are texts, tags, vectors or boxes: one is chosen on held-out rows."""

from lingqu.core.nouns import Task
from lingqu.core.schema import Schema

TRIED: dict[str, tuple[str, ...]] = {
    "tag": ("usual_tags", "tagger"),
    "answer": ("memory", "reader"),
    "translate": ("memory", "decoder"),
    "chat": ("memory", "decoder"),
    "embed": ("ngram_axes", "embedder"),
    "detect": ("usual_boxes", "centres"),
}
"""Task → the learners that are tried when nobody names any; the first is fitted in a moment."""


def tried(task: Task, schema: Schema) -> tuple[str, ...]:
    """Return the learners that are tried of rows like these: what reads needs a text to read in.

    Example:
        >>> from lingqu.core.schema import Column
        >>> tried("answer", Schema((Column("question", "text"),)))
        ('memory',)
    """
    texts = [column for column in schema.features if column.kind == "text"]
    return tuple(name for name in TRIED[task] if name != "reader" or len(texts) > 1)
