"""Steps that bring an older ledger to the version this Lingqu knows.

One module per step, named `mNNNN_what.py`, with one function ``upgrade(connection)``. A step
looks before it changes (`CREATE … IF NOT EXISTS`), because a new ledger gets today's tables from
the first step and then walks the others too. A step that was released is never edited.
"""

STEPS: tuple[str, ...] = (
    "lingqu.store.migrations.m0001_initial:upgrade",
    "lingqu.store.migrations.m0002_data_versions:upgrade",
    "lingqu.store.migrations.m0003_use:upgrade",
)
"""Dotted paths in order; the version of a ledger is how many of them it has walked."""
