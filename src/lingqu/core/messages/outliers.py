"""Messages of `lingqu.govern.outliers`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "outliers.reason_limits": (
        "{operator}: outside the limits of {method}",
        "{operator}：超出 {method} 的界限",
    ),
    "outliers.reason_forest": (
        "{operator}: an unusual combination of values (isolation forest)",
        "{operator}：各列取值的组合很少见（孤立森林）",
    ),
    "outliers.expects_share": ("a share above 0, at most 0.5", "大于 0、不超过 0.5 的比例"),
    "outliers.expects_no_clip": (
        "`report` or `mark`: `isolation` judges whole rows, and has no limits to clip at",
        "`report` 或 `mark`：`isolation` 判断的是整行，没有可供截断的界限",
    ),
    "outliers.expects_limits": (
        "`[low, high]` with low < high, and `null` for an open end",
        "`[下限, 上限]`，下限应小于上限，不设限的一端写 `null`",
    ),
}
