"""Messages of intervals and prediction sets."""

MESSAGES: dict[str, tuple[str, str]] = {
    "regions.task": (
        "`coverage` asks for intervals or sets, which `task: regress`, `task: classify` and "
        "`task: forecast` give; the task here is {task!r}. Leave it out.",
        "`coverage` 要求给出区间或预测集，只有 `task: regress`、`task: classify` 和 "
        "`task: forecast` 能给；这里的任务是 {task!r}。请去掉它。",
    ),
    "regions.only_classify": (
        "`coverage_by: class` keeps the coverage within each class, which only `task: classify` "
        "has; the task here is {task!r}. Leave it out.",
        "`coverage_by: class` 要求每个类别各自达到覆盖率，只用于 `task: classify`；"
        "这里的任务是 {task!r}。请去掉它。",
    ),
    "regions.no_coverage": (
        "`coverage_by` says within what the coverage is kept, but no `coverage` is asked for. Add "
        "one, such as `coverage: 0.9`, or leave `coverage_by` out.",
        "`coverage_by` 说明覆盖率在什么范围内达到，但没有写 `coverage`。"
        "请加上，例如 `coverage: 0.9`，或去掉 `coverage_by`。",
    ),
    "regions.few": (
        "`coverage: {coverage:g}` needs at least {least} held-out rows (or groups) to measure "
        "on; here there are {rows}, which can promise {most:.1%} at most. Ask for less, bring "
        "more rows, or leave `coverage` out; then run `lingqu plan`.",
        "`coverage: {coverage:g}` 至少需要 {least} 行（或组）留出数据来测量；这里只有 {rows}，"
        "最多能保证 {most:.1%}。请降低要求、增加数据，或去掉 `coverage`，然后运行 `lingqu plan`。",
    ),
    "regions.why_by": (
        "over all rows; `class` keeps it within each class, where classes are of very different "
        "size",
        "在全部行上达到；各类别数量悬殊时可用 `class` 让每个类别各自达到",
    ),
    "regions.form_even": ("as wide everywhere", "处处等宽"),
    "regions.form_value": ("by the size of the answer", "随预测值的大小变化"),
    "regions.form_learned": ("learned from the columns of a row", "由每行的各列学得"),
    "regions.sides": (", each side its own width", "，上下各自定宽"),
    "regions.note_interval": (
        "Intervals should hold {coverage:.0%} of the values: {form}; mean width {width:.4g}, from "
        "{rows} held-out errors. Interval score of the forms on held-out rows (smaller is "
        "better): {scores}.",
        "区间应包含 {coverage:.0%} 的真实值：{form}；平均宽度 {width:.4g}，取自 {rows} 个留出误差。"
        "各形式在留出数据上的区间得分（越小越好）：{scores}。",
    ),
    "regions.note_sets": (
        "Sets should hold the true class of {coverage:.0%} of the rows: a class is in from "
        "probability {low:.4g} on, by {rows} held-out rows, and the answer always is; "
        "{size:.2f} classes on average.",
        "预测集应在 {coverage:.0%} 的行上包含真实类别：依 {rows} 行留出数据，"
        "概率达到 {low:.4g} 的类别入集，预测的类别总在集中；平均 {size:.2f} 个类别。",
    ),
    "regions.note_sets_by_class": (
        "Sets should hold the true class of {coverage:.0%} of the rows of each class: classes "
        "are in from probabilities between {low:.4g} and {high:.4g} on, by {rows} held-out rows, "
        "and the answer always is; {size:.2f} classes on average.",
        "预测集应在每个类别 {coverage:.0%} 的行上包含真实类别：依 {rows} 行留出数据，"
        "各类别入集的概率在 {low:.4g} 到 {high:.4g} 之间，预测的类别总在集中；"
        "平均 {size:.2f} 个类别。",
    ),
    "regions.note_few": (
        "In every set, because fewer than {least} of their rows were held out: {names}.",
        "以下类别的留出数据不足 {least} 行，因此总在集中：{names}。",
    ),
    "regions.note_short": (
        "Only {rows} held-out rows were answered in time, too few for {coverage:.0%}: the "
        "regions reach as far as the worst of them, which promises {promised:.1%}. Give the run "
        "more budget.",
        "来得及应答的留出数据只有 {rows} 行，不足以保证 {coverage:.0%}：范围以其中最差的一行为准，"
        "可保证 {promised:.1%}。请给运行更多预算。",
    ),
}
