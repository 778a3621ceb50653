"""Messages of recordings and their preparation."""

MESSAGES: dict[str, tuple[str, str]] = {
    "audio.unreadable": (
        "The recording in column {column!r}, row {row}, cannot be read: {problem}. Expected: a "
        "whole WAV, FLAC or OGG file. Received: {received}. Mend or remove it and run again.",
        "列 {column!r} 第 {row} 行的录音无法读取：{problem}。应为：完整的 WAV、FLAC 或 OGG 文件。"
        "收到：{received}。请修复或移除后重新运行。",
    ),
    "audio.empty": ("the file is empty", "文件为空"),
    "audio.no_file": ("there is no such file", "没有这个文件"),
    "audio.no_samples": ("there are no samples", "其中没有采样"),
    "audio.not_numbers": ("some samples are no numbers", "部分采样不是数值"),
    "audio.cut": (
        "it is cut short: {there} of {told} bytes are there",
        "录音不完整：应有 {told} 字节，仅有 {there} 字节",
    ),
    "audio.no_end": (
        "it is cut short: its last page is not marked as the last",
        "录音不完整：最后一页没有结束标记",
    ),
    "audio.cut_samples": (
        "it is cut short: {there} of {told} samples can be read",
        "录音不完整：应有 {told} 个采样，仅能读出 {there} 个",
    ),
    "audio.too_long": (
        "its {samples} samples are more than {most}",
        "共有 {samples} 个采样，超过上限 {most}",
    ),
    "audio.reason_mel": (
        "log-mel picture of {column!r}: {mels} bands × {frames} steps of {hop:g} ms",
        "{column!r} 的对数梅尔图：{mels} 个频带 × {frames} 步，每步 {hop:g} 毫秒",
    ),
    "audio.reason_heard": (
        "read as its log-mel picture {made!r}",
        "以对数梅尔图 {made!r} 的形式读取",
    ),
}
