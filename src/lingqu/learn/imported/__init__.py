"""Models that were trained elsewhere: read, compared with their library, kept as one graph."""

FORMATS: dict[str, str] = {
    "onnx": "lingqu.learn.imported.onnx:OnnxFile",
    "torch": "lingqu.learn.imported.torch:TorchModule",
    "huggingface": "lingqu.learn.imported.huggingface:HuggingFace",
    "keras": "lingqu.learn.imported.keras:KerasModel",
    "sklearn": "lingqu.learn.imported.sklearn:SklearnEstimator",
    "lightgbm": "lingqu.learn.imported.lightgbm:LightGbmModel",
    "xgboost": "lingqu.learn.imported.xgboost:XgBoostModel",
    "catboost": "lingqu.learn.imported.catboost:CatBoostModel",
}
