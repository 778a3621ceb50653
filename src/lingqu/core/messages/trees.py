"""Messages of learners made of trees, and of what may be asked of them."""

MESSAGES: dict[str, tuple[str, str]] = {
    "trees.monotone_classes": (
        "`monotone` asks for answers that only rise or fall, and the target has {classes} "
        "classes. Expected two classes or a number. Leave `monotone` out, then run "
        "`lingqu run` again.",
        "`monotone` 要求预测单调变化，但目标有 {classes} 个类别，应为两个类别或数值。"
        "请去掉 `monotone`，再运行 `lingqu run`。",
    ),
    "trees.objective_task": (
        "Option `objective: {objective}` of {name!r} is for numbers, and the target is a class. "
        "Leave `objective` out, then run `lingqu run` again.",
        "{name!r} 的选项 `objective: {objective}` 用于数值目标，而这里的目标是类别。"
        "请去掉 `objective`，再运行 `lingqu run`。",
    ),
    "trees.rank_target": (
        "Option `target: {target}` of {name!r} says how values are learned, and `objective: rank` "
        "learns an order, in which values do not count. Leave `target` out, then run `lingqu run` "
        "again.",
        "{name!r} 的选项 `target: {target}` 规定如何学习数值，"
        "而 `objective: rank` 只学排序，不看数值大小。"
        "请去掉 `target`，再运行 `lingqu run`。",
    ),
    "trees.objective_monotone": (
        "Option `objective: {objective}` of {name!r} cannot be combined with `monotone`: its "
        "leaves are set anew after each tree. Expected `squared` or `huber`. Leave one of the "
        "two out, then run `lingqu run` again.",
        "{name!r} 的选项 `objective: {objective}` 不能与 `monotone` 同用："
        "每棵树之后叶子的值会重设。应为 `squared` 或 `huber`。"
        "请去掉其中之一，再运行 `lingqu run`。",
    ),
}
