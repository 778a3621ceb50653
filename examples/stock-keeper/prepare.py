"""Make the weekly sales of two hundred articles, from the lines of the invoices."""

import polars as pl

from lingqu.data.assets import AssetData

ARTICLES = 200

lines = AssetData("online-retail").read().frame
sold = lines.unique(maintain_order=True).filter(
    pl.col("Quantity") > 0, pl.col("Price") > 0, ~pl.col("Invoice").str.starts_with("C")
)
weeks = sold.with_columns(
    # Half weeks at either end would look like a fall.
    week=pl.col("InvoiceDate").dt.truncate("1w").cast(pl.Date)
).filter(pl.col("week") > pl.col("week").min(), pl.col("week") < pl.col("week").max())
articles = weeks.group_by("StockCode").agg(pl.col("Quantity").sum(), pl.col("week").n_unique())
chosen = articles.filter(pl.col("week") >= 90).top_k(ARTICLES, by=["Quantity", "StockCode"])
# One order of thousands of pieces is no demand that a shelf is filled for.
usual = pl.col("Quantity").clip(upper_bound=1000)
sales = (
    weeks.filter(pl.col("StockCode").is_in(chosen["StockCode"].implode()))
    .group_by(pl.col("StockCode").alias("article"), "week")
    .agg(pieces=usual.sum())
    .sort("article", "week")
)
sales.write_csv("weekly.csv")
print(f"{chosen.height} articles, {sales['week'].n_unique()} weeks")
