"""Where data comes from: sources, schema inference, splits, versions, media columns."""

SOURCES: dict[str, str] = {
    "csv": "lingqu.data.delimited:Csv",
    "parquet": "lingqu.data.parquet:Parquet",
    "jsonl": "lingqu.data.jsonl:JsonLines",
    "json": "lingqu.data.jsonarray:JsonArray",
    "excel": "lingqu.data.excel:Excel",
    "arrow": "lingqu.data.arrow:ArrowFile",
    "sql": "lingqu.data.sql:Sql",
    "dicom": "lingqu.data.dicom:DicomFolder",
    "images": "lingqu.data.images:ImageFolder",
    "audio": "lingqu.data.audio:AudioFolder",
    "texts": "lingqu.data.documents:TextFolder",
    "coco": "lingqu.data.boxed:Coco",
    "yolo": "lingqu.data.boxed:Yolo",
    "folder": "lingqu.data.folder:Folder",
    "asset": "lingqu.data.assets:AssetData",
    "sklearn": "lingqu.data.sklearn:SklearnBundled",
    "package": "lingqu.data.package:PackageFile",
    "frame": "lingqu.data.frame:InMemory",
    "environment": "lingqu.data.environment:EnvironmentWalk",
}
