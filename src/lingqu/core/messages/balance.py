"""Messages of `lingqu.govern.augment.balance`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "balance.expects_ratio": ("a number above 0, at most 1", "大于 0、不超过 1 的数"),
    "balance.unmade_kind": (
        "`balance` with {method!r} cannot make values of column {column!r}. Expected features of "
        "kind number, datetime, category or boolean; received kind {kind!r}. Write "
        "`{{balance: over}}` or `{{balance: weights}}`, which make nothing up.",
        "`balance` 的 {method!r} 方法无法为列 {column!r} 生成取值。"
        "特征应为数值、日期、类别或布尔类型；收到 {kind!r} 类型。"
        "请改用不生成新值的 `{{balance: over}}` 或 `{{balance: weights}}`。",
    ),
    "balance.no_categories": (
        "`balance` with {method!r} needs a category. Expected at least one feature of kind "
        "category or boolean; the data have none. Write `{{balance: smote}}`.",
        "`balance` 的 {method!r} 方法需要类别列。至少应有一个类别或布尔类型的特征；数据中没有。"
        "请改用 `{{balance: smote}}`。",
    ),
    "balance.reason_weight": (
        "balance: rows of rare classes weigh more",
        "balance：稀少类别的行权重更大",
    ),
    "balance.reason_thinned": (
        "{operator}: more rows of class {label!r} than needed",
        "{operator}：类别 {label!r} 的行数多于所需",
    ),
    "balance.alone": (
        "classes with a single row have no neighbour, so that row was repeated: {labels}",
        "只有一行的类别没有邻近样本，因此改为重复该行：{labels}",
    ),
}
