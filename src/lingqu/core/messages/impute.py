"""Messages of `lingqu.govern.impute`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "impute.expects_strategy": (
        "`median`, `mean`, `mode`, `indicator`, `model` or `{{constant: value}}`",
        "`median`、`mean`、`mode`、`indicator`、`model` 或 `{{constant: 值}}`",
    ),
}
