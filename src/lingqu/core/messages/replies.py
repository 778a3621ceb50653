"""Words of tasks whose answers are texts, tags, vectors or boxes."""

MESSAGES: dict[str, tuple[str, str]] = {
    "replies.no_text": (
        "This learner reads texts, and no feature is one; the features are of the kinds "
        "{received}. Say which column is a text: `data: {{source: …, kinds: {{<column>: text}}}}`, "
        "then run `lingqu plan`.",
        "该算法读取文本，但没有文本列；现有列的种类：{received}。"
        "请写明哪一列是文本：`data: {{source: …, kinds: {{<列名>: text}}}}`，"
        "然后运行 `lingqu plan`。",
    ),
    "replies.no_wanted": (
        "None of the {rows} rows has a value in the target {target!r}. Expected what is to be "
        "answered. Fill it in, or name another column after `target:`; then run `lingqu plan`.",
        "{rows} 行的目标列 {target!r} 全为空；应为要给出的答案。请补上，或在 `target:` 后写别的列，"
        "然后运行 `lingqu plan`。",
    ),
    "replies.unequal": (
        "Row {row} has {tokens} tokens in {column!r} and {tags} tags in {target!r}. Expected one "
        "tag for each token, both separated by blanks or as lists. Correct the row, or drop it; "
        "then run `lingqu plan`.",
        "第 {row} 行的 {column!r} 有 {tokens} 个词元，{target!r} 有 {tags} 个标签。"
        "每个词元应有一个标签，二者都以空格分隔或写成列表。请更正或删去该行，"
        "然后运行 `lingqu plan`。",
    ),
    "replies.bad_messages": (
        "Row {row} holds a message {received!r}. Expected an object with `role` ({expected}) and "
        "`content`, a text. Correct the list, or send a plain text.",
        "第 {row} 行的消息是 {received!r}。应为含 `role`（{expected}）与文本 `content` 的对象。"
        "请更正列表，或直接发送文本。",
    ),
    "replies.note_perplexity": (
        "Perplexity of its answers on held-out rows: {value} a token.",
        "留出数据上答案的困惑度：每个词元 {value}。",
    ),
    "replies.note_cut": (
        "{rows} of {of} training rows did not fit into the `context`: their beginnings were left "
        "out.",
        "{of} 行训练数据中有 {rows} 行超出 `context`：其开头被略去。",
    ),
    "replies.no_partner": (
        "The target {target!r} is of kind {kind}, and no feature is; the features are of the kinds "
        "{received}. Expected a column of the same kind, whose partner the target is, or a target "
        "that is a category. Set `data.kinds`, then run `lingqu plan`.",
        "目标列 {target!r} 的种类是 {kind}，却没有同类的特征列；现有列的种类：{received}。"
        "应有一列与目标同类（目标是它的配对项），或目标为类别。请设置 `data.kinds`，"
        "然后运行 `lingqu plan`。",
    ),
    "replies.no_context": (
        "`reader` finds answers in a text that is handed to it: it needs two features that are "
        "texts, a question and that text; the features are of the kinds {received}. Add the "
        "column, or set `data.kinds`; or let `memory` answer from what is known.",
        "`reader` 在给定的文本中找答案：需要两列文本特征（问题与该文本）；"
        "现有列的种类：{received}。"
        "请补上该列或设置 `data.kinds`；也可以用 `memory` 依已知问答作答。",
    ),
    "replies.not_inside": (
        "In none of the {rows} rows does the answer ({target!r}) stand in {column!r}. Expected "
        "answers that are words of the text, as they stand there. Use `memory` or `decoder` "
        "instead, which need no such text.",
        "{rows} 行中没有一行的答案（{target!r}）出现在 {column!r} 里。答案应是文本中的原词。"
        "可改用不需要此类文本的 `memory` 或 `decoder`。",
    ),
    "replies.note_lost": (
        "{rows} of {of} training rows taught nothing: their answer does not stand in their text.",
        "{of} 行训练数据中有 {rows} 行未被使用：其答案不在文本中。",
    ),
    "replies.bad_option": (
        "`{option}` is out of its range: expected {expected}, received {received!r}. See "
        "`lingqu list algorithms`.",
        "`{option}` 超出范围：应为 {expected}，得到 {received!r}。见 `lingqu list algorithms`。",
    ),
    "replies.other_metric": (
        "`train.metric: {metric}` cannot decide for `task: {task}`. Expected one of: {expected}. "
        "Change it or leave it out.",
        "`train.metric: {metric}` 不能用于 `task: {task}` 的挑选。可用：{expected}。"
        "请改写或去掉它。",
    ),
    "replies.unknown_block": (
        "This release answers by a block of type {type!r}, which this version does not know. "
        "Expected one of: {expected}. Update: `pip install -U lingqu`.",
        "该发布以类型 {type!r} 的块作答，本版本不认识它。可用的类型：{expected}。"
        "请升级：`pip install -U lingqu`。",
    ),
    "replies.note_unjudged": (
        "There was no time to compare candidates: {name} was fitted on all rows, unjudged. "
        "A larger `budget` compares them.",
        "没有时间比较候选模型：{name} 在全部数据上训练，未经评判。增大 `budget` 即可比较。",
    ),
    "replies.note_held": (
        "Candidates were compared by {metric} on {rows} held-out training rows.",
        "候选模型依 {metric} 在留出的 {rows} 行训练数据上比较。",
    ),
    "replies.note_again": (
        "{name} was then fitted again on all training rows.",
        "随后 {name} 在全部训练数据上重新训练。",
    ),
    "replies.note_part": (
        "There was no time left to fit {name} again on all training rows: the fit that was "
        "judged is what is released.",
        "已没有时间让 {name} 在全部训练数据上重新训练：发布的就是受评判的那一次训练结果。",
    ),
    "replies.target_text": (
        "read as text: what is to be answered",
        "按文本读取：这是要给出的答案",
    ),
    "replies.reason_text": (
        "read as text by task {task}",
        "任务 {task} 按文本读取",
    ),
    "replies.bad_target": (
        "The target {target!r} is of kind {kind}; `task: {task}` expects {expected}. Name another "
        "column after `target:`, then run `lingqu plan`.",
        "目标列 {target!r} 的种类是 {kind}；`task: {task}` 需要 {expected}。"
        "请在 `target:` 后写别的列，然后运行 `lingqu plan`。",
    ),
    "replies.docs": ("Each answer is made of several parts.", "每个答案由多个部分组成。"),
    "replies.docs_text": ("Each answer is a text.", "每个答案是一段文本。"),
    "replies.why_metric": ("the usual score of the task", "该任务常用的指标"),
    "replies.split_distinct": (
        "copies of a text stay on one side",
        "相同文本的副本留在同一侧",
    ),
    "replies.bad_writing": (
        "`{option}` of the request is not as it must be: expected {expected}, received "
        "{received!r}. Correct it, or leave it out: the release then writes as it was made to.",
        "请求中的 `{option}` 不合要求：应为 {expected}，得到 {received!r}。"
        "请更正，或将其删去：届时按发布时的设定书写。",
    ),
    "replies.writes_not": (
        "The request says how answers shall be written ({received}), and this release writes none: "
        "its task is {task}, and its answers are not drawn. Expected rows without `options`. "
        "Leave them out.",
        "请求指定了如何书写答案（{received}），但该发布版本不书写答案：任务为 {task}，"
        "答案不是逐词抽取的。应为不带 `options` 的行；请将其删去。",
    ),
}
