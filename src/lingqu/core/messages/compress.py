"""Messages of making models smaller."""

MESSAGES: dict[str, tuple[str, str]] = {
    "compress.bad_loss": (
        "`train.optimise` names {received!r}. Expected `compress`, or what it may lose as a "
        "number from 0 to below 1: `compress(loss <= 0.01)`. Correct it, then run `lingqu plan`.",
        "`train.optimise` 中的 {received!r} 不可用，应为 `compress`，"
        "或写明可损失多少（不小于 0、小于 1）：`compress(loss <= 0.01)`。"
        "请更正后运行 `lingqu plan`。",
    ),
    "compress.twice": (
        "`train.optimise` asks for {received}. Expected `compress` at most once. Keep one of "
        "them, then run `lingqu plan`.",
        "`train.optimise` 写了 {received}，`compress` 最多写一次。请保留其一后运行 `lingqu plan`。",
    ),
    "compress.unknown_operator": (
        "the graph has operators that cannot be trained: {names}",
        "计算图含有无法继续训练的算子：{names}",
    ),
    "compress.no_time": (
        "there was no time to make it of what is released",
        "没有时间为要发布的模型制作该形式",
    ),
    "compress.note_form": (
        "Compressed to the form `{form}`: {size:.3g} kB instead of {before:.3g} kB; {metric} "
        "{own:.4g} instead of {score:.4g} on {rows} held-out rows (it may lose {gate:.3g}).",
        "已压缩为 `{form}` 形式：{size:.3g} kB，原为 {before:.3g} kB；"
        "在 {rows} 行留出数据上 {metric} 为 {own:.4g}，原为 {score:.4g}（允许损失 {gate:.3g}）。",
    ),
    "compress.note_kept": (
        "Compression was tried, and the model is kept as it was fitted: on {rows} held-out rows "
        "no other form was better, having to lose at most {gate:.3g} of {metric} {score:.4g}.",
        "已尝试压缩，模型保持原样：在 {rows} 行留出数据上（{metric} 为 {score:.4g}），"
        "损失不超过 {gate:.3g} 的其他形式都不更好。",
    ),
    "compress.note_failed": (
        "These forms could not be made: {names} ({reason}).",
        "下列形式无法制作：{names}（{reason}）。",
    ),
    "compress.note_none": (
        "Nothing in the chosen model can be compressed: it holds no matrix that a smaller form "
        "would fit, or there was no time.",
        "选定的模型没有可压缩之处：其中没有可缩小的矩阵，或时间不足。",
    ),
    "compress.title": ("Forms of the model", "模型的各种形式"),
    "compress.note": (
        "Judged on held-out rows; ± is the standard error. Time is the CPU time of the graph on "
        "one thread. * is on the front: no other form is as good in score, size and one row.",
        "在留出数据上评判；± 为标准误。时间为计算图单线程的 CPU 时间。带 * 者位于前沿："
        "没有别的形式在得分、体积和单行时间上都不逊于它。",
    ),
    "compress.lead": (
        "Each form was made from the fits of the folds and judged on their held-out rows. Time is "
        "CPU time of one thread, measured; size and score decide.",
        "每种形式都由各折的拟合结果制成，并在其留出数据上评判。时间为单线程实测的 CPU 时间；"
        "起决定作用的是体积与得分。",
    ),
    "compress.form": ("Form", "形式"),
    "compress.validation": ("Validation", "验证得分"),
    "compress.gap": ("Beside the original", "与原模型相比"),
    "compress.size": ("Size", "体积"),
    "compress.row": ("One row", "单行"),
    "compress.many": ("10,000 rows", "一万行"),
    "compress.found": ("Outcome", "结论"),
    "compress.front": ("on the front", "在前沿上"),
    "compress.state_chosen": ("chosen", "入选"),
    "compress.state_kept": ("within what may be lost", "损失在限度内"),
    "compress.state_lost": ("loses too much", "损失过多"),
    "compress.state_no_gain": ("neither smaller nor faster", "既不更小也不更快"),
    "compress.state_barred": ("not allowed", "不可用"),
    "compress.name_original": ("as it was fitted", "原模型"),
    "compress.name_int8": ("eight bits", "八位整数"),
    "compress.name_pruned": ("half of the channels", "保留一半通道"),
    "compress.name_projected": ("fewer ranks", "低秩分解"),
    "compress.name_sparse": ("a tenth of the weights", "保留十分之一权重"),
    "compress.name_student": ("student half as wide", "宽度减半的学生网络"),
}
