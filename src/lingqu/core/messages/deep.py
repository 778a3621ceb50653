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
    "deep.bad_width": (
        "`width` of a net is {width}, with {heads} heads. Expected an even multiple of `heads`.",
        "网络的 `width` 是 {width}，而 `heads` 是 {heads}。`width` 应为 `heads` 的倍数且为偶数。",
    ),
    "deep.note_cut": (
        "{rows} of {of} training texts were cut to {length} words (`context`).",
        "{of} 条训练文本中有 {rows} 条被截到 {length} 个词（`context`）。",
    ),
    "deep.too_long": (
        "The longest text has {received} words. Expected at most {expected}, since nobody said "
        "that texts may be cut. Say so: `context: {expected}`.",
        "最长的文本有 {received} 个词，最多应为 {expected} 个，因为没有声明可以截断。"
        "请声明：`context: {expected}`。",
    ),
    "deep.no_pretraining": (
        "`pretrain` wants hidden words guessed by a `transformer`; the texts are read by {text!r}. "
        "Expected `text: transformer` and a column of text.",
        "`pretrain` 要由 `transformer` 猜被遮住的词，而读文本的是 {text!r}。"
        "应为 `text: transformer`，且有一列文本。",
    ),
    "deep.bad_prompt": (
        "The text to go on from is {received}. Expected at least one token from 0 to {expected}.",
        "要续写的文本是 {received}。应至少有一个词元，编号为 0 到 {expected}。",
    ),
    "deep.no_graph": (
        "No exporter could write {name!r} as an ONNX graph: {why}. Expected operators that ONNX "
        "has. Write that part of the net with plain torch functions.",
        "没有导出器能把 {name!r} 写成 ONNX 图：{why}。应只用 ONNX 具备的算子。"
        "请用普通的 torch 函数改写这一部分。",
    ),
    "deep.bad_sweep": (
        "The sweep of the learning rate (low, high, steps) is {received}. Expected 0 < low < high "
        "and at least {least} steps.",
        "学习率扫描的参数（下限、上限、步数）是 {received}。"
        "应有 0 < 下限 < 上限，且至少 {least} 步。",
    ),
    "deep.no_sweep": (
        "The loss blew up within the first steps of the sweep, at a learning rate near {rate!r}. "
        "Expected a loss that falls for a while. Begin lower (`low`), or look at the data.",
        "学习率扫描刚开始（学习率约 {rate!r}）损失就发散了。损失应先下降一段。"
        "请调低起点（`low`），或检查数据。",
    ),
    "deep.no_layer": (
        "{received!r} matches no parameter or layer of the net. Expected names such as "
        "{expected}; `*` and `?` stand for any letters.",
        "{received!r} 与网络的任何参数或层都不匹配。名称应类似：{expected}；可用 `*` 和 `?` 通配。",
    ),
    "deep.no_memory": (
        "Memory ran out even with a batch of {batch}. Expected a batch that fits. Make the net "
        "smaller, or give it a machine with more memory.",
        "批大小降到 {batch} 仍然内存不足。请缩小网络，或换用内存更大的机器。",
    ),
    "deep.smaller_batch": (
        "memory ran out with a batch of {batch}; trained anew with {smaller}, two batches to a "
        "step",
        "批大小为 {batch} 时内存不足；改用 {smaller} 重新训练，每两批更新一次",
    ),
    "deep.precision_named": ("it was named", "已指定"),
    "deep.precision_has": ("{flag} computes bfloat16", "{flag} 支持 bfloat16 运算"),
    "deep.precision_lacking": (
        "{device} has no instructions for bfloat16",
        "{device} 没有 bfloat16 指令",
    ),
    "deep.precision_small": (
        "a step has {effort} multiply-adds, too few to pay for bfloat16",
        "每步只有 {effort} 次乘加，用 bfloat16 得不偿失",
    ),
    "deep.bar_title": ("training", "训练"),
    "deep.bar_epoch": ("epoch {epoch} of {of}", "第 {epoch}/{of} 轮"),
    "deep.no_rows": (
        "There is nothing to train on: the data has {received} rows. Expected at least 1.",
        "没有可供训练的数据：收到 {received} 行，至少需要 1 行。",
    ),
    "deep.loss_not_finite": (
        "the loss {name!r} became {value} in epoch {epoch}, batch {batch}",
        "第 {epoch} 轮第 {batch} 批的损失 {name!r} 变成了 {value}",
    ),
    "deep.rows_of_batch": (
        "({count} rows; the first: {rows})",
        "（共 {count} 行，前几行是：{rows}）",
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
    "deep.apart": (
        "the processes stand at different steps, this one at {step}",
        "各进程停在不同的步数，本进程在第 {step} 步",
    ),
    "deep.graph_differs": (
        "The exported graph of {name!r} differs from the trained net by {worst!r} on real rows. "
        "Expected at most {limit!r}. Please report this as a bug.",
        "{name!r} 导出的计算图与训练所得的网络在真实数据上相差 {worst!r}，"
        "应不超过 {limit!r}。请作为缺陷上报。",
    ),
}
