"""Where data comes from: sources, schema inference, splits, versions, media columns."""

SOURCES: dict[str, str] = {
    "csv": "lingqu.data.delimited:Csv",
    "parquet": "lingqu.data.parquet:Parquet",
    "jsonl": "lingqu.data.jsonl:JsonLines",
    "sql": "lingqu.data.sql:Sql",
    "images": "lingqu.data.images:ImageFolder",
    "sklearn": "lingqu.data.sklearn:SklearnBundled",
    "package": "lingqu.data.package:PackageFile",
    "frame": "lingqu.data.frame:InMemory",
}
