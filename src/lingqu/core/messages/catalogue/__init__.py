"""One line about every plug-in and every measure, for the reference pages.

Keys: ``catalogue.<family>_<name>`` and ``catalogue.measure_<measure>``, dots written ``_``.
"""

from lingqu.core.messages.catalogue import algorithms, headings, measures, operators, parts

MESSAGES: dict[str, tuple[str, str]] = {
    **headings.MESSAGES,
    **parts.MESSAGES,
    **operators.MESSAGES,
    **algorithms.MESSAGES,
    **measures.MESSAGES,
}
