"""Write German credit with words in place of two codes, and plant an address and an account."""

import random

import polars as pl

from lingqu.data.assets import AssetData

SEX = {"A91": "male", "A92": "female", "A93": "male", "A94": "male", "A95": "female"}
HOME = {"A151": "rents", "A152": "owns", "A153": "lives free"}
WORK = {"A171": "unskilled", "A172": "unskilled", "A173": "skilled", "A174": "highly skilled"}
FIRST = ["anna", "ben", "clara", "david", "emma", "felix", "greta", "hannes", "ida", "jonas"]
LAST = ["maier", "schulz", "wagner", "becker", "hoffmann", "koch", "richter", "klein", "wolf"]


def iban(draw: random.Random) -> str:
    """Return a German account number that was never given out, with its right check digits."""
    account = f"{draw.randrange(10**8):08}{draw.randrange(10**10):010}"
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02}{account}"


draw = random.Random(0)
rows = AssetData("german-credit").read().frame
mails = [
    f"{draw.choice(FIRST)}.{draw.choice(LAST)}{draw.randrange(100)}@example.com"
    for _ in range(1000)
]
rows.select(
    pl.Series("email", mails),
    pl.Series("iban", [iban(draw) for _ in range(1000)]),
    pl.col("age_in_years").cast(pl.Int64).alias("age"),
    pl.col("personal_status_and_sex").replace_strict(SEX).alias("sex"),
    pl.col("housing").replace_strict(HOME),
    pl.col("job").replace_strict(WORK),
    pl.exclude("age_in_years", "personal_status_and_sex", "housing", "job", "credit_risk"),
    pl.col("credit_risk").replace_strict({"1": "good", "2": "bad"}).alias("risk"),
).write_csv("credit.csv")
