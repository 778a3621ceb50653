"""The ten rules of `contract.py` in Great Expectations: ``data_rules.py TABLE.parquet``.

Results are asked for as SUMMARY: counts and up to twenty values for each rule.
"""

import logging
import os
import sys

os.environ["GX_ANALYTICS_ENABLED"] = "false"
import great_expectations as gx
import great_expectations.expectations as expect
import pandas as pd
from data_measure import answer, timed

STATUS = ["new", "paid", "shipped", "done", "cancelled"]
EMAIL = r"^[^@\s]+@[^@\s]+\.[a-z]+$"
RULES = [
    expect.ExpectColumnValuesToBeUnique(column="order_id"),
    expect.ExpectColumnValuesToBeBetween(column="age", min_value=0, max_value=120),
    expect.ExpectColumnValuesToBeBetween(column="amount", min_value=0),
    expect.ExpectColumnValuesToBeBetween(column="qty", min_value=0),
    expect.ExpectColumnValuesToBeInSet(column="status", value_set=STATUS),
    expect.ExpectColumnValuesToBeInSet(column="channel", value_set=["app", "web", "store"]),
    expect.ExpectColumnValuesToMatchRegex(column="email", regex=EMAIL),
    expect.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="updated", column_B="created", or_equal=True
    ),
    expect.ExpectColumnValuesToBeBetween(column="income", min_value=0, strict_min=True),
    expect.ExpectColumnValuesToBeBetween(column="score", min_value=0, max_value=1),
]


def main() -> None:
    logging.disable(logging.CRITICAL)
    frame = pd.read_parquet(sys.argv[1])
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("here").add_dataframe_asset("table")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    suite = gx.ExpectationSuite(name="ten")
    for rule in RULES:
        suite.add_expectation(rule)
    batch = definition.get_batch({"dataframe": frame})
    result, cpu_s = timed(lambda: batch.validate(suite, result_format="SUMMARY"))
    failed = sum(not part.success for part in result.results)
    if failed < 4:
        raise SystemExit(f"the peer saw only {failed} failing rules")
    answer("great_expectations", cpu_s=cpu_s, failed=failed)


if __name__ == "__main__":
    main()
