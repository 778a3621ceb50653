"""Words of the task recommend: users, items, lists."""

MESSAGES: dict[str, tuple[str, str]] = {
    "recommend.no_user": (
        "`task: recommend` needs the column that names the users, and none is declared. Columns: "
        "{columns}. Write `data: {{source: …, group: <column>}}`, then run `lingqu plan`.",
        "`task: recommend` 需要标识用户的列，但没有声明。现有的列：{columns}。"
        "请写 `data: {{source: …, group: <列名>}}`，然后运行 `lingqu plan`。",
    ),
    "recommend.several_users": (
        "`data.group` names {count} columns ({columns}). For `task: recommend` one column names "
        "the users. Name one, then run `lingqu plan`.",
        "`data.group` 指明了 {count} 列（{columns}）。`task: recommend` 只用一列标识用户。"
        "请只写一列，然后运行 `lingqu plan`。",
    ),
    "recommend.nameless": (
        "Row {row} has no user in column {column!r}. Expected a name in every row. Fill it in or "
        "remove the row, then run `lingqu plan`.",
        "第 {row} 行的用户列 {column!r} 为空；每行都应有用户。请补上或删去该行，"
        "然后运行 `lingqu plan`。",
    ),
    "recommend.no_last": (
        "None of the {users} users in column {column!r} took two different items, so nothing can "
        "be held out to judge by. Expected several rows per user: is {column!r} the column of "
        "users and {target!r} the column of items?",
        "列 {column!r} 的 {users} 个用户中，没有人取用过两个不同的物品，因此无法留出数据来评判。"
        "每个用户应有多行：{column!r} 是用户列、{target!r} 是物品列吗？",
    ),
    "recommend.other_split": (
        "`data.split: {how}` has no meaning for `task: recommend`: what each user took last judges "
        "the model. Leave it out, or write `time` or `random` (without a column of times).",
        "`data.split: {how}` 对 `task: recommend` 没有意义：以每个用户最后取用的物品评判模型。"
        "请省略，或写 `time`，没有时间列时可写 `random`。",
    ),
    "recommend.needs_time": (
        "`data.split: time` needs a column of times. Write `data: {{…, time: <column>}}`, or leave "
        "`split` out: then what counts as last is drawn by seed.",
        "`data.split: time` 需要时间列。请写 `data: {{…, time: <列名>}}`；"
        "或省略 `split`，此时按种子随机抽取哪个算最后。",
    ),
    "recommend.many_items": (
        "The target has {items} different items; a list is drawn from the chances of all of them, "
        "up to {limit}. Recommend from fewer, such as categories of items.",
        "目标列有 {items} 种物品；列表须从全部物品的概率中选出，最多 {limit} 种。"
        "请缩小范围，例如改为推荐物品的类别。",
    ),
    "recommend.taken_name": (
        "The data have a column {name!r}, which is what a request calls {meaning}. Rename it, or "
        "leave it out with `data.drop: [{name!y}]`, then run `lingqu plan`.",
        "数据中有名为 {name!r} 的列，而请求中此名表示{meaning}。请改名，"
        "或用 `data.drop: [{name!y}]` 去掉它，然后运行 `lingqu plan`。",
    ),
    "recommend.means_history": ("the items that somebody took", "取用过的物品列表"),
    "recommend.means_exclude_seen": (
        "whether these are left out of the list",
        "列表中是否排除取用过的物品",
    ),
    "recommend.only": (
        "`{option}` belongs to `task: recommend`; the task here is {task!r}. Leave it out.",
        "`{option}` 只用于 `task: recommend`；这里的任务是 {task!r}。请去掉它。",
    ),
    "recommend.metric_longer": (
        "`train.metric` is {metric!r}, but an answer lists {top} items (`train.top`). Expected "
        "{expected} or a longer list.",
        "`train.metric` 为 {metric!r}，但每个答案只列出 {top} 个物品（`train.top`）。"
        "请用 {expected}，或加长列表。",
    ),
    "recommend.bad_option": (
        "Option `{option}` is {received!r}. Expected {expected}.",
        "选项 `{option}` 为 {received!r}，应为 {expected}。",
    ),
    "recommend.large_ease": (
        "ease compares all items with each other: {items} of them are more than {limit}",
        "ease 要把所有物品两两比较：{items} 种超过了上限 {limit}",
    ),
    "recommend.split_last": (
        "of each user the last item that was new to them, by {column}",
        "按 {column} 取每个用户最后一个新取用的物品",
    ),
    "recommend.split_share": (
        "of each user the last {share:.0%} of the items that were new to them, by {column}",
        "按 {column} 取每个用户最后 {share:.0%} 新取用的物品",
    ),
    "recommend.split_drawn": (
        "no column of times is declared: of each user an item drawn by seed {seed}",
        "没有声明时间列：按种子 {seed} 为每个用户随机抽取一个物品",
    ),
    "recommend.reason_user": ("names the users; callers send it", "标识用户；调用时要提供"),
    "recommend.reason_item": (
        "the items; callers may send a list of them as `history`",
        "物品；调用时可用 `history` 给出一列物品",
    ),
    "recommend.reason_known": (
        "known of each item; nets learn from it, callers do not send it",
        "每个物品的属性；神经网络会用到，调用时不必提供",
    ),
    "recommend.reason_profile": (
        "known of each user; nets learn from it, and callers may send it",
        "每个用户的属性；神经网络会用到，调用时可以提供",
    ),
    "recommend.reason_unread": (
        "not read: it says nothing of an item alone or of a user alone, and answers rest on what "
        "was taken",
        "不读取：它说明的不只是物品或用户本身，而答案取决于取用过什么",
    ),
    "recommend.why_top": ("items of an answer", "每个答案列出的物品数"),
    "recommend.why_metric": (
        "how far up the list stands what a user took next",
        "用户接下来取用的物品在列表中排得多靠前",
    ),
    "recommend.note_held": (
        "Compared on {rows} rows of {users} users: of each the last item before the test row, "
        "in {folds} rounds.",
        "在 {users} 个用户的 {rows} 行上比较：取每个用户测试行之前的最后一个物品，共 {folds} 轮。",
    ),
    "recommend.note_drawn": (
        "No column of times is declared: which item counts as last was drawn by seed {seed}.",
        "没有声明时间列：哪个物品算最后，按种子 {seed} 抽取。",
    ),
    "recommend.note_blend": (
        "Chances are averaged over {names}: {metric} {score:.4g}, against {best:.4g} of the best "
        "alone.",
        "对 {names} 的概率取平均：{metric} 为 {score:.4g}，单个最好的为 {best:.4g}。",
    ),
    "recommend.note_alone": (
        "Averaging with others did not help by more than chance: {name} answers alone.",
        "与其他模型取平均没有超出偶然的改进：只由 {name} 应答。",
    ),
    "recommend.note_fold": (
        "There was no time to fit {names} again on all rows: what was fitted without the last "
        "item of each user answers from the full histories.",
        "没有时间在全部数据上重新训练 {names}：由未见过各用户最后一个物品的模型，"
        "依据完整的历史应答。",
    ),
    "recommend.note_unjudged": (
        "No user took enough items to hold one out: learners were not compared, {name} answers.",
        "没有用户取用过足够多的物品可供留出：未比较各学习器，由 {name} 应答。",
    ),
    "recommend.no_lists": (
        "the answers are no lists of items",
        "答案不是物品列表",
    ),
    "recommend.answer": ("Row {number}, from {based}:", "第 {number} 行，依据{based}："),
    "recommend.based_on_history": ("what was taken", "取用过的物品"),
    "recommend.based_on_features": ("what is known of the user", "用户的属性"),
    "recommend.based_on_popularity": ("what is popular", "热门程度"),
    "recommend.answer_unknown": ("      Nobody knows: {names}", "      不认识：{names}"),
    "recommend.docs_lists": (
        "a list of the best of {count} items",
        "{count} 种物品中最好的若干个组成的列表",
    ),
    "recommend.bad_cell": (
        "Row {row}: {column!r} is {received}. Expected {expected}.",
        "第 {row} 行：{column!r} 为 {received}，应为 {expected}。",
    ),
}
