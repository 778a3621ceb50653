"""Messages about exact and near copies of texts, pictures and rows."""

MESSAGES: dict[str, tuple[str, str]] = {
    "duplicates.threshold": (
        "The similarity from which texts count as near copies is out of range. Expected a number "
        "from {least} to 1; received {received!r}. Write, for example, "
        "`{{dedupe: {{near: 0.8}}}}`.",
        "判为近似重复的相似度超出范围。应为 {least} 到 1 之间的数；收到 {received!r}。"
        "例如写作 `{{dedupe: {{near: 0.8}}}}`。",
    ),
    "duplicates.seeds": (
        "Signatures made with different seeds cannot be compared. Expected one seed; received "
        "{seeds}. Make both with the same `seed`.",
        "用不同种子生成的签名无法比较。应使用同一个种子；收到 {seeds}。"
        "请用相同的 `seed` 重新生成。",
    ),
    "duplicates.table": (
        "Block {index} of a signature table cannot be read: {problem}. Expected the bytes that "
        "`to_bytes` wrote, in their order. Remove the table; the next run makes it anew.",
        "签名表的第 {index} 块无法读取：{problem}。应为 `to_bytes` 写出的字节，且顺序不变。"
        "请删除该表，下次运行会重新生成。",
    ),
    "duplicates.pixels": (
        "These pixels cannot be hashed. Expected finite numbers of shape (N, height, width) or "
        "(N, height, width, channels); received {received}. Decode and resize the pictures first.",
        "无法计算这些像素的哈希。应为有限数值，形状为（N, 高, 宽）或（N, 高, 宽, 通道）；"
        "收到 {received}。请先解码并统一图像大小。",
    ),
    "duplicates.near": (
        "{operator!r} refuses `near: {received}`. Expected off, report, auto or a similarity from "
        "{least} to 1. See `lingqu show operators {operator}`.",
        "{operator!r} 不接受 `near: {received}`。应为 off、report、auto，或 {least} 到 1 之间的"
        "相似度。请看 `lingqu show operators {operator}`。",
    ),
    "duplicates.exact": ("{operator}: copy of an earlier row", "{operator}：与前面某行完全相同"),
    "duplicates.nearly": (
        "{operator}: near copy of an earlier row",
        "{operator}：与前面某行近似重复",
    ),
    "duplicates.conflict": (
        "{operator}: equal features, another label",
        "{operator}：特征相同而标签不同",
    ),
    "duplicates.minority": (
        "{operator}: equal features, and most of these rows have another label",
        "{operator}：特征相同，而多数行是另一个标签",
    ),
    "duplicates.tied": (
        "{operator}: equal features, and no label has a majority",
        "{operator}：特征相同，且没有占多数的标签",
    ),
}
