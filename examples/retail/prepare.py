"""Make two tables of the cleaned lines: lines with their own answer in them, and orders without."""

import polars as pl


def yes(condition: pl.Expr) -> pl.Expr:
    """Return ``yes`` or ``no``."""
    return pl.when(condition).then(pl.lit("yes")).otherwise(pl.lit("no"))


lines = pl.read_parquet("cleaned/rows.parquet")
lines = lines.sort("InvoiceDate", "Invoice", "StockCode", maintain_order=True)
credited = pl.col("Invoice").str.starts_with("C")
lines.with_columns(returned=yes(credited)).sample(20_000, seed=0).write_csv("lines.csv")

# An order comes back if its customer returns an article of it within 30 days.
known = lines.filter(pl.col("Customer ID").is_not_null())
sold = known.filter(~credited, pl.col("Quantity") > 0, pl.col("Price") > 0)
back = known.filter(credited).select("Customer ID", "StockCode", back="InvoiceDate")
after = pl.col("back") - pl.col("InvoiceDate")
returned = sold.join(back, on=["Customer ID", "StockCode"]).filter(
    after.is_between(pl.duration(), pl.duration(days=30))
)
value = pl.col("Quantity") * pl.col("Price")
orders = (
    sold.group_by("Invoice")
    .agg(
        placed=pl.col("InvoiceDate").min(),
        customer=pl.col("Customer ID").first(),
        country=pl.col("Country").first(),
        articles=pl.len(),
        pieces=pl.col("Quantity").sum(),
        value=value.sum().round(2),
        dearest_line=value.max().round(2),
        dearest_article=pl.col("Price").max(),
    )
    .sort("placed", "Invoice")
    .with_columns(
        orders_before=pl.col("placed").cum_count().over("customer") - 1,
        days_since=pl.col("placed").diff().over("customer").dt.total_days(),
        weekday=pl.col("placed").dt.weekday(),
        hour=pl.col("placed").dt.hour(),
        returned=yes(pl.col("Invoice").is_in(returned["Invoice"].unique().implode())),
    )
)
# What was ordered in the last 30 days may still come back, so it has no answer yet.
orders.filter(pl.col("placed").max() - pl.col("placed") > pl.duration(days=30)).write_csv(
    "orders.csv"
)
