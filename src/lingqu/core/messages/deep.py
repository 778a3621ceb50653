"""Messages of `lingqu.learn.deep` and of the loop below it."""

MESSAGES: dict[str, tuple[str, str]] = {
    "deep.bad_choice": (
        "`{option}` of a training plan is {received!r}. Expected one of {expected}.",
        "训练计划的 `{option}` 写的是 {received!r}。应为其中之一：{expected}。",
    ),
    "deep.bad_number": (
        "`{option}` of a training plan is {received!r}. Expected a number {expected}.",
        "训练计划的 `{option}` 是 {received!r}。应为{expected}的数。",
    ),
    "deep.no_rows": (
        "There is nothing to train on: the data has {received} rows. Expected at least 1.",
        "没有可供训练的数据：收到 {received} 行，至少需要 1 行。",
    ),
    "deep.loss_not_finite": (
        "the loss {name!r} became {value} in epoch {epoch}, batch {batch}",
        "第 {epoch} 轮第 {batch} 批的损失 {name!r} 变成了 {value}",
    ),
    "deep.weights_not_finite": (
        "weights were no longer finite after epoch {epoch}, batch {batch}",
        "第 {epoch} 轮第 {batch} 批之后，权重不再是有限值",
    ),
    "deep.diverged": (
        "{name!r} diverged before it had learnt anything: {why}. Expected a finite loss. "
        "Lower `learning_rate` (now {learning_rate!r}), or set `clip: 1`.",
        "{name!r} 还没学到东西就发散了：{why}。损失应为有限值。"
        "请调低 `learning_rate`（现为 {learning_rate!r}），或设置 `clip: 1`。",
    ),
    "deep.other_plan": (
        "The checkpoint {path!r} was written by another plan: `{option}` was {received!r} there. "
        "Expected {expected!r}. Remove the file to start anew.",
        "检查点 {path!r} 属于另一份训练计划：其中 `{option}` 是 {received!r}，"
        "应为 {expected!r}。删除该文件即可重新开始。",
    ),
    "deep.bad_checkpoint": (
        "{path!r} is not a checkpoint that can be read: {why}. Remove the file to start anew.",
        "{path!r} 不是可读取的检查点：{why}。删除该文件即可重新开始。",
    ),
    "deep.graph_differs": (
        "The exported graph of {name!r} differs from the trained net by {worst!r} on real rows. "
        "Expected at most {limit!r}. Please report this as a bug.",
        "{name!r} 导出的计算图与训练所得的网络在真实数据上相差 {worst!r}，"
        "应不超过 {limit!r}。请作为缺陷上报。",
    ),
}
