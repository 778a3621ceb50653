"""Messages of `lingqu.release`: tensors, bundles, signatures and answers."""

MESSAGES: dict[str, tuple[str, str]] = {
    "release.no_features": (
        "No feature column can be read in the {style!r} form. Expected at least one column of "
        "kind {expected}; received {received}. Run `lingqu plan` to see the kind of every column.",
        "没有任何特征列能以 {style!r} 形式读取。至少应有一列的类型为 {expected}；"
        "现有的列：{received}。请运行 `lingqu plan` 查看每一列的类型。",
    ),
    "release.missing_column": (
        "Column {column!r} is missing. Expected the columns {expected}; received {received}. "
        "Run `lingqu show` on the release to see what it reads.",
        "缺少列 {column!r}。应有的列：{expected}；收到的列：{received}。"
        "请用 `lingqu show` 查看该发布版本读取哪些列。",
    ),
    "release.vector_length": (
        "Column {column!r} holds vectors that do not all have {expected} numbers ({problem}). "
        "Send vectors of that length.",
        "列 {column!r} 中的向量长度不都是 {expected}（{problem}）。请传入该长度的向量。",
    ),
    "release.too_many_pieces": (
        "{rows} rows have more pieces of text in {column!r} than the model reads: {expected}; the "
        "longest has {received}. Send shorter texts, or train with `context: {expected}`, which "
        "cuts them.",
        "有 {rows} 行的 {column!r} 超过模型能读的 {expected} 个词片，最长的有 {received} 个。"
        "请传入较短的文本，或在训练时写 `context: {expected}`，即截断长文本。",
    ),
    "release.too_long_sound": (
        "{rows} rows have recordings in {column!r} that are longer than the model hears: "
        "{expected:g} s; the longest lasts {received:.4g} s. Send shorter ones, or train with "
        "`seconds: {expected:g}`, which cuts them.",
        "有 {rows} 行的 {column!r} 超过模型能听的 {expected:g} 秒，最长的有 {received:.4g} 秒。"
        "请传入较短的录音，或在训练时写 `seconds: {expected:g}`，即截断长录音。",
    ),
    "release.bad_tokenizer": (
        "The tokeniser in the encoding cannot be read: {problem}. Expected the text of a "
        "`tokenizer.json`. Pack the release again: `lingqu run`.",
        "无法读取编码中的分词器：{problem}。应为 `tokenizer.json` 的内容。"
        "请重新打包发布物：`lingqu run`。",
    ),
    "release.no_target": (
        "The dataset {name!r} has no target column, so there is nothing to learn. Name it in the "
        "channel: `train: {{target: …}}`.",
        "数据集 {name!r} 没有目标列，无从学习。请在渠道文件中写明：`train: {{target: …}}`。",
    ),
    "release.unknown_label": (
        "Row {row} of target {column!r} has the label {received!r}. Expected one of {expected}. "
        "Correct the row, or run `lingqu plan` on the new data.",
        "目标列 {column!r} 第 {row} 行的标签是 {received!r}，应为 {expected} 之一。"
        "请更正该行，或对新数据运行 `lingqu plan`。",
    ),
    "release.bad_target": (
        "Row {row} of target {column!r} is {received!r}. Expected a finite number. Correct or "
        "remove the row.",
        "目标列 {column!r} 第 {row} 行的值是 {received!r}，应为有限的数字。请更正或删除该行。",
    ),
    "release.bad_weight": (
        "Row {row} of weight column {column!r} is {received!r}. Expected a finite number ≥ 0, and "
        "at least one above 0. Correct the row.",
        "权重列 {column!r} 第 {row} 行的值是 {received!r}，应为不小于 0 的有限数字，"
        "且至少有一个大于 0。请更正该行。",
    ),
    "release.bad_encoding": (
        "The encoding cannot be used: {problem}. Expected version {expected}. Retrain the channel "
        "with `lingqu run`.",
        "编码方式无法使用：{problem}。应为版本 {expected}。请用 `lingqu run` 重新训练渠道。",
    ),
    "release.bad_model": (
        "These bytes are not a Lingqu model: {problem}. Expected format {expected}. Run "
        "`lingqu run` to make the model again.",
        "这些字节不是灵渠模型：{problem}。应为格式 {expected}。请运行 `lingqu run` 重新生成模型。",
    ),
    "release.cannot_merge": (
        "The members of the model cannot be joined into one graph: {member!r}: {problem}. "
        "Leave that algorithm out (`train.algorithm`) and run again.",
        "模型各成员无法合并成一张计算图：{member!r}：{problem}。"
        "请在 `train.algorithm` 中去掉该算法后重新运行。",
    ),
    "release.merge_differs": (
        "The merged graph differs from its members by {received:.2g}; at most {expected:.0e} is "
        "allowed. Please report this with the channel file.",
        "合并后的计算图与各成员的结果相差 {received:.2g}，允许的上限是 {expected:.0e}。"
        "请附上渠道文件报告此问题。",
    ),
    "release.no_rows": (
        "{where} received no rows. Expected at least one.",
        "{where} 没有收到任何行，至少应有一行。",
    ),
    "release.folder_taken": (
        "Cannot write a release to {folder}: it exists and is not empty. Choose another folder.",
        "无法把发布版本写入 {folder}：该文件夹已存在且不为空。请换一个文件夹。",
    ),
    "release.cannot_write": (
        "Cannot write the release to {folder}: {problem}. Free some space or check the "
        "permissions, then run the command again.",
        "无法把发布版本写入 {folder}：{problem}。请腾出空间或检查权限后重试。",
    ),
    "release.not_a_release": (
        "{folder} is not a release: {problem}. Expected a folder that holds `release.json`. "
        "See `lingqu show`.",
        "{folder} 不是发布版本：{problem}。应为含有 `release.json` 的文件夹。请看 `lingqu show`。",
    ),
    "release.newer_format": (
        "{folder} has release format {received}; this Lingqu reads up to {expected}. "
        "Run `pip install -U lingqu`.",
        "{folder} 的发布格式是 {received}，当前灵渠最高支持 {expected}。"
        "请运行 `pip install -U lingqu`。",
    ),
    "release.not_intact": (
        "The release in {folder} is not what its manifest says: {problems}. It will not be "
        "opened. Fetch it again, then run `lingqu verify {folder}`.",
        "{folder} 中的发布版本与其清单不符：{problems}。拒绝打开。"
        "请重新获取，再运行 `lingqu verify {folder}`。",
    ),
    "release.replay_differs": (
        "The release {digest} does not repeat its golden answers: {count} of {total} rows differ, "
        "first: {first}. It will not be opened. Run `lingqu verify` and `lingqu doctor`.",
        "发布版本 {digest} 没有重现其标准答案：{total} 行中有 {count} 行不同，第一处：{first}。"
        "拒绝打开。请运行 `lingqu verify` 和 `lingqu doctor`。",
    ),
    "release.problem_missing": ("{file} is missing", "缺少文件 {file}"),
    "release.problem_changed": (
        "{file} was changed ({detail})",
        "文件 {file} 已被改动（{detail}）",
    ),
    "release.problem_extra": (
        "{file} does not belong to the release",
        "文件 {file} 不属于该发布版本",
    ),
    "release.problem_manifest": (
        "{file} cannot be read ({detail})",
        "文件 {file} 无法读取（{detail}）",
    ),
    "release.problem_digest": (
        "the digest in {file} is wrong ({detail})",
        "{file} 中的摘要不正确（{detail}）",
    ),
    "release.problem_signature": (
        "the signature in {file} is not valid ({detail})",
        "{file} 中的签名无效（{detail}）",
    ),
    "release.problem_untrusted": (
        "the signature in {file} was made with a key that is not trusted ({detail})",
        "{file} 中的签名出自不受信任的密钥（{detail}）",
    ),
}
