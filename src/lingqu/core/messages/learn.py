"""Messages of `lingqu.learn`: fitting, choosing and the limits of both."""

MESSAGES: dict[str, tuple[str, str]] = {
    "learn.graph_differs": (
        "The ONNX graph of {name!r} does not answer like the learner it was written from: the "
        "largest difference is {worst:.2g}; at most 1e-5 is allowed. Leave {name!r} out "
        "(`train: {{algorithm: …}}`) and run `lingqu run` again.",
        "{name!r} 的 ONNX 计算图与原学习器的结果不一致：最大相差 {worst:.2g}，允许的上限是 1e-5。"
        "请在 `train: {{algorithm: …}}` 中去掉 {name!r}，再运行 `lingqu run`。",
    ),
    "learn.one_class": (
        "The training rows hold one class only: {seen!r}. Expected at least two. Add rows of "
        "another class, then run `lingqu run` again.",
        "训练数据只有一个类别：{seen!r}，至少应有两个。请补充其他类别的数据，再运行 `lingqu run`。",
    ),
    "learn.one_class_weighed": (
        "The {rows} training row(s) whose weight {column!r} is above 0 hold one class, or value, "
        "only. Expected at least two. Correct the weights, or leave `data: {{weight: …}}` out.",
        "权重列 {column!r} 大于 0 的 {rows} 行训练数据只有一个类别（或一个值），至少应有两个。"
        "请更正权重，或去掉 `data: {{weight: …}}`。",
    ),
    "learn.one_class_learnt": (
        "However the rows are divided for validation, those to learn from hold one of the {count} "
        "classes only: each group, whose rows stay together, holds one class. Expected groups "
        "that hold several. Name another column with `data: {{group: …}}`, or none.",
        "无论怎样划分验证数据，用来学习的行都只含 {count} 个类别中的一个："
        "同组的行不能分开，而每组只有一个类别。每组应含多个类别。"
        "请用 `data: {{group: …}}` 另选一列，或不设分组。",
    ),
    "learn.too_few_rows": (
        "The data {name!r} is too small to validate a model: {rows} rows, of which {usable} can "
        "be held out. Expected at least 2 that can (a class with one row cannot spare it, and a "
        "group stays together). Add rows, then run `lingqu run` again.",
        "数据集 {name!r} 太小，无法验证模型：共 {rows} 行，其中 {usable} 行可留作验证，"
        "至少应有 2 行（只有一行的类别无法留出，同组的行不能分开）。"
        "请补充数据，再运行 `lingqu run`。",
    ),
    "learn.one_class_held": (
        "The rows cannot show whether a model tells the classes apart: only {seen!r} can be held "
        "out for validation (rows by class: {others}). Expected at least two rows each of two "
        "classes, not all in one group. Add rows, then run `lingqu run` again.",
        "这些数据无法判断模型能否区分各类别：只有 {seen!r} 能留作验证（各类别行数：{others}）。"
        "至少应有两个类别各有两行以上，且不全在同一组。请补充数据，再运行 `lingqu run`。",
    ),
    "learn.no_score": (
        "`train.metric` {metric!r} is not defined on the {rows} rows held out for validation: "
        "they hold one class, or one value, only. Expected rows of at least two in one fold. "
        "Choose another metric, such as `accuracy` or `rmse`, or other folds "
        "(`train: {{metric: …, folds: …}}`), then run `lingqu run` again.",
        "`train.metric` {metric!r} 在留作验证的 {rows} 行上没有定义：这些行只有一个类别或一个值，"
        "每折中至少应有两个。请换一个指标（如 `accuracy` 或 `rmse`）或改变折数"
        "（`train: {{metric: …, folds: …}}`），再运行 `lingqu run`。",
    ),
    "learn.constant_target": (
        "The target {column!r} has the same value in every row: {value!r}. Expected at least two "
        "different values. Choose another target (`train: {{target: …}}`).",
        "目标列 {column!r} 每一行的值都相同：{value!r}，至少应有两个不同的值。"
        "请换一个目标（`train: {{target: …}}`）。",
    ),
    "learn.no_budget": (
        "`train.budget` is {received!r} seconds. Expected a number above 0, such as `60 s`. "
        "Correct it, then run `lingqu plan`.",
        "`train.budget` 为 {received!r} 秒，应大于 0，例如 `60 s`。请更正后运行 `lingqu plan`。",
    ),
    "learn.wrong_task": (
        "Algorithm {name!r} cannot do the task {task!r}. Expected one of {expected}. See "
        "`lingqu list algorithms`.",
        "算法 {name!r} 不能用于任务 {task!r}，可用的算法有：{expected}。"
        "请看 `lingqu list algorithms`。",
    ),
    "learn.nothing_fitted": (
        "No candidate could be fitted within {seconds:.3g} s: {reasons}. Give more time or memory "
        "(`train: {{budget: …}}`), or see `lingqu show` for each candidate.",
        "在 {seconds:.3g} 秒内没有任何候选模型训练成功：{reasons}。"
        "请增加时间或内存（`train: {{budget: …}}`），或用 `lingqu show` 查看各候选模型。",
    ),
    "learn.only_audio": (
        "The features are recordings only ({columns}), and no learner that was to be tried reads "
        "samples. Expected a picture of each: add `log_mel` to `govern`, behind what changes the "
        "recordings; or an encoder of recordings: `train.algorithm: {{pretrained: {{path: …}}}}`.",
        "特征只有录音（{columns}），而要尝试的学习器都不能直接读取采样。"
        "应先把录音变成图：请在 `govern` 中、其他录音处理之后加上 `log_mel`；"
        "或使用录音编码器：`train.algorithm: {{pretrained: {{path: …}}}}`。",
    ),
    "learn.no_time": (
        "not started: the budget of {seconds:.3g} s was used up before its turn",
        "未启动：轮到它之前，{seconds:.3g} 秒的预算已经用完",
    ),
    "learn.unread_kinds": (
        "reads {expected}; the columns are {received}",
        "能读取 {expected}；数据列为 {received}",
    ),
    "learn.not_installed": (
        'needs the package {package!r}; run `pip install "lingqu[{extra}]"`',
        '需要软件包 {package!r}；请运行 `pip install "lingqu[{extra}]"`',
    ),
    "learn.too_slow": (
        "left out: about {cost:.2g} CPU seconds a fit, too many for this budget",
        "未采用：每次训练约需 {cost:.2g} CPU 秒，超出预算",
    ),
    "learn.folds_done": (
        "{done} of {all} folds",
        "完成 {all} 折中的 {done} 折",
    ),
    "learn.cut_short": (
        "{done} of {all} folds; cut short, it would have learnt longer",
        "完成 {all} 折中的 {done} 折；因时间不足提前结束训练",
    ),
    "learn.fold_failed": (
        "{told}; then: {reason}",
        "{told}；之后：{reason}",
    ),
    "learn.scheme_stratified": (
        "classes spread evenly over the folds",
        "各类别均匀分布在各折中",
    ),
    "learn.scheme_random": (
        "rows shuffled",
        "数据行随机打乱",
    ),
    "learn.scheme_group": (
        "rows of one group kept together, because a group column exists",
        "因为有分组列，同组的行不会分到两边",
    ),
    "learn.scheme_time": (
        "later rows held out, because a time column exists",
        "因为有时间列，用较晚的行作验证",
    ),
    "learn.scheme_origins": (
        "rolling origins: fitted up to a time, judged on what came after it",
        "滚动起点：拟合到某一时刻，以其后的值评判",
    ),
    "learn.note_folds": (
        "Validated on {rows} held-out rows, {done} of {all} folds ({scheme}).",
        "用 {rows} 行留出数据验证，完成 {all} 折中的 {done} 折（{scheme}）。",
    ),
    "learn.note_holdout": (
        "Validated on one held-out part of {rows} rows ({scheme}): with so many rows, or by the "
        "channel's wish, folds are not needed.",
        "用一份 {rows} 行的留出数据验证（{scheme}）：数据行足够多，或渠道指定如此，无需多折。",
    ),
    "learn.note_augment_used": (
        "Augmentation ({steps}) is used with `{name}`: {metric} {plain:.4f} without it, "
        "{augmented:.4f} with it, on the held-out rows of {folds} fold(s).",
        "`{name}` 采用了数据增强（{steps}）：在 {folds} 折的留出行上，{metric} 由 {plain:.4f} "
        "变为 {augmented:.4f}。",
    ),
    "learn.note_augment_left": (
        "Augmentation ({steps}) is not used with `{name}`: {metric} {plain:.4f} without it, "
        "{augmented:.4f} with it, on the held-out rows of {folds} fold(s).",
        "`{name}` 没有采用数据增强（{steps}）：在 {folds} 折的留出行上，不用时 {metric} 为 "
        "{plain:.4f}，用时为 {augmented:.4f}。",
    ),
    "learn.note_augment_unneeded": (
        "Augmentation ({steps}) helps `{name}`, {metric} {plain:.4f} without it, {augmented:.4f} "
        "with it, on the held-out rows of {folds} fold(s); the chosen model does without it.",
        "数据增强（{steps}）对 `{name}` 有帮助：在 {folds} 折的留出行上，{metric} 由 {plain:.4f} "
        "变为 {augmented:.4f}；但选出的模型没有用到它。",
    ),
    "learn.note_lonely": (
        "Learned but never validated, because there is only one training row of each: {names}.",
        "以下类别各只有一行训练数据，参与训练但未经验证：{names}。",
    ),
    "learn.note_refit": (
        "Fitted again on all training rows, with the options that validation chose: {names}. The "
        "score is that of the held-out answers before.",
        "以下成员用验证选定的选项在全部训练数据上重新训练：{names}。分数来自重训之前的留出预测。",
    ),
    "learn.note_bag": (
        "Kept as validated, one model per fold, averaged: {names}.",
        "以下成员保留验证时的各折模型并取平均：{names}。",
    ),
    "learn.note_calibrated": (
        "Calibrated on held-out answers: temperature {temperature:.3g}.",
        "已用留出预测校准：温度 {temperature:.3g}。",
    ),
    "learn.note_threshold": (
        "The second class is chosen from probability {threshold:.3g} on. This was set on the "
        "same held-out answers that the score is of, so the score is slightly optimistic.",
        "概率达到 {threshold:.3g} 时选第二个类别。"
        "该阈值由计算分数所用的同一批留出预测确定，因此分数略偏乐观。",
    ),
}
