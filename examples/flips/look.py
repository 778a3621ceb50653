"""Stand in for the person who looks at each doubted picture: here the true labels are known."""

import polars as pl

truth = dict(pl.read_csv("planted.csv", infer_schema=False).iter_rows())
doubted = pl.read_csv("suspects.csv", infer_schema=False)
files, suggested = doubted["value.file"], doubted["suggested"]
found = [file in truth for file in files]
right = sum(truth.get(file) == label for file, label in zip(files, suggested, strict=True))
print(f"{sum(found)} of {len(truth)} planted labels are among the {len(found)} suspects:")
print(f"recall {sum(found) / len(truth):.3f}, precision {sum(found) / len(found):.3f};")
print(f"the first {found.index(False)} suspects were planted, {right} suggestions are right")
accept = pl.Series([truth.get(file, "no") for file in files])
doubted.with_columns(accept=accept).write_csv("suspects.csv")
