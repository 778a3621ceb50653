"""Messages of recordings and their preparation."""

MESSAGES: dict[str, tuple[str, str]] = {
    "audio.unreadable": (
        "The recording in column {column!r}, row {row}, cannot be read: {problem}. Expected: a "
        "whole WAV, FLAC or OGG file. Received: {received}. Mend or remove it and run again.",
        "列 {column!r} 第 {row} 行的录音无法读取：{problem}。应为：完整的 WAV、FLAC 或 OGG 文件。"
        "收到：{received}。请修复或移除后重新运行。",
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
