"""Messages of augmentation."""

MESSAGES: dict[str, tuple[str, str]] = {
    "augment.bad_synonyms": (
        "`{operator}` has no usable synonyms for {word!r}. Expected: a list of texts, such as "
        "{{good: [fine, nice]}}. Received: {received!r}. Mend `synonyms` in the channel file.",
        "`{operator}` 中 {word!r} 的同义词不可用。应为：文本列表，如 {{好: [棒, 不错]}}。"
        "收到：{received!r}。请修改渠道文件中的 `synonyms`。",
    ),
    "augment.reason_weight": (
        "weights of augmented rows: a mixed row counts as parts of both its answers",
        "增强行的权重：混合行按比例计入两个标签",
    ),
}
