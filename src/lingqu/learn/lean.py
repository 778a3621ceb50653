"""Import the learners of tables without what they only look for.

scikit-learn, LightGBM and CatBoost try to import pandas, and pandas pyarrow, to accept their
frames. A worker only hands them arrays: without these two it holds some 70 MB less. They are
hidden for the imports below and can be imported afterwards as always.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

UNUSED = ("pandas", "pyarrow", "dask", "matplotlib")


@contextmanager
def hidden(names: tuple[str, ...] = UNUSED) -> Iterator[None]:
    """Make packages look missing; those that are imported already stay as they are."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


with hidden():
    # What the first fit would import in each worker again lies here once for all of them.
    import pydantic.dataclasses  # noqa: F401

    import lingqu.learn.effort
    import lingqu.learn.tabular.lightgbm
    import lingqu.learn.tabular.logistic
    import lingqu.learn.tabular.rbf_svm
    import lingqu.release.merge

    if find_spec("catboost") is not None:
        import lingqu.learn.tabular.catboost  # noqa: F401
