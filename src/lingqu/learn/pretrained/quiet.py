"""Libraries that talk while they load: silenced for that time."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as told


@contextmanager
def quiet() -> Iterator[None]:
    """Load something without progress bars, advice or warnings of the library.

    Example:
        >>> with quiet():
        ...     told.get_logger("transformers").warning("a hint nobody can follow here")
    """
    level, bars = told.get_verbosity(), told.is_progress_bar_enabled()
    told.set_verbosity(logging.CRITICAL)
    told.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        told.set_verbosity(level)
        if bars:
            told.enable_progress_bar()
