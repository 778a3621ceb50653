"""Messages of the judgement of data."""

MESSAGES: dict[str, tuple[str, str]] = {
    "judge.formula_represented": (
        "mean over the declared columns of half (1 − Jensen-Shannon distance to the declared "
        "shares) and half the coverage of the worst covered group",
        "对已声明的各列取平均：一半为 1 − 与声明比例的 Jensen-Shannon 距离，"
        "一半为覆盖最差群组的覆盖率",
    ),
}
