"""Messages of `lingqu.core`: the channel file, rules, units and the catalogue of pieces."""

MESSAGES: dict[str, tuple[str, str]] = {
    "core.bad_unit": (
        "{value!r} is not a quantity. Expected a number with one of these units: {expected}.",
        "{value!r} 不是一个量。应为数字加下列单位之一：{expected}。",
    ),
    "core.unknown_piece": (
        "{where} names {name!r}, which is not among the {family}. Near names: {near}. "
        "See `lingqu list {family}`.",
        "{where} 写了 {name!r}，{family} 里没有这一项。相近的名字：{near}。"
        "请看 `lingqu list {family}`。",
    ),
    "core.bad_option": (
        "{where}: {name!r} refuses option {option!r}: {problem}. Expected {expected}; "
        "received {received!r}. See `lingqu show {family} {name}`.",
        "{where}：{name!r} 不接受选项 {option!r}：{problem}。应为 {expected}；"
        "收到 {received!r}。请看 `lingqu show {family} {name}`。",
    ),
    "core.missing_extra": (
        "{name!r} needs the Python package {package!r}, which is not installed. "
        'Run `pip install "lingqu[{extra}]"`.',
        "{name!r} 需要 Python 包 {package!r}，尚未安装。请运行 `pip install \"lingqu[{extra}]\"`。",
    ),
}
