"""Messages of `lingqu.govern.text`: preparation of text columns."""

MESSAGES: dict[str, tuple[str, str]] = {
    "text.no_list": (
        "{operator!r} cannot read the list {file!r}: {why} Expected a UTF-8 text file with one "
        "word a line, its path relative to channel.yaml. Correct `{option}` and run "
        "`lingqu plan`.",
        "{operator!r} 无法读取词表 {file!r}：{why} 应为 UTF-8 文本文件，每行一个词，"
        "路径相对于 channel.yaml。请改正 `{option}` 后运行 `lingqu plan`。",
    ),
    "text.bad_line": (
        "{operator!r} cannot read line {line} of the dictionary {file!r}. Expected "
        "`word`, `word frequency` or `word frequency tag`; received {received!r}. Correct the "
        "line and run again.",
        "{operator!r} 无法理解词典 {file!r} 的第 {line} 行。应为“词”、“词 词频”或“词 词频 词性”；"
        "收到 {received!r}。请改正该行后重新运行。",
    ),
    "text.bad_word": (
        "{operator!r} cannot use the word {received!r}. Expected a word that is not blank and has "
        "no line break. Correct `words`.",
        "{operator!r} 无法使用词 {received!r}。应为非空白、不含换行的词。请改正 `words`。",
    ),
    "text.no_stop_words": (
        "{operator!r} has no stop words for language {language!r}. Expected one of: {known}. Give "
        "your own list with `words` or `file`.",
        "{operator!r} 没有语言 {language!r} 的停用词表。可用的语言：{known}。"
        "也可用 `words` 或 `file` 给出自己的词表。",
    ),
    "text.unknown_language": (
        "{operator!r} cannot recognise language {language!r}. Expected ISO 639-1 codes, such as "
        "zh, en, ja; near: {near}. Correct `{option}`.",
        "{operator!r} 不能识别语言 {language!r}。应为 ISO 639-1 代码，如 zh、en、ja；"
        "相近的有：{near}。请改正 `{option}`。",
    ),
    "text.other_version": (
        "{operator!r} was fitted with {package} {was} and answers differently with {package} "
        "{now}, which is installed here. Expected the same answer on {probes} stored sentences; "
        '{differ} of them differ. Run `pip install "{package}=={was}"`, or build the release '
        "again.",
        "{operator!r} 在拟合时使用 {package} {was}，而此处安装的 {package} {now} 给出的结果不同。"
        "{probes} 个随附的检验句应得到相同结果，其中 {differ} 个不同。"
        '请运行 `pip install "{package}=={was}"`，或重新构建发布包。',
    ),
    "text.no_tagger": (
        "{operator!r} has no part-of-speech tagger for language {language!r}. Expected "
        "`language: zh` or `language: en`. Leave other columns out with `columns`.",
        "{operator!r} 没有语言 {language!r} 的词性标注器。应写 `language: zh` 或 `language: en`。"
        "请用 `columns` 排除其他列。",
    ),
    "text.not_chinese": (
        "{operator!r} shall tag Chinese, and {column} is not Chinese: {share} of its texts have a "
        "Chinese character. Expected at least half. Name the Chinese columns in `columns`, or "
        "write `language: en`.",
        "{operator!r} 应标注中文，而 {column} 不是中文：其中只有 {share} 的文本含有汉字。"
        "应至少占一半。请在 `columns` 中写出中文列，或写 `language: en`。",
    ),
    "text.not_english": (
        "{operator!r} shall tag English, and {column} is Chinese: {share} of its texts have a "
        "Chinese character. Expected less than half. Name the English columns in `columns`, or "
        "write `language: zh`.",
        "{operator!r} 应标注英文，而 {column} 是中文：其中 {share} 的文本含有汉字。"
        "应不到一半。请在 `columns` 中写出英文列，或写 `language: zh`。",
    ),
    "text.unknown_tag": (
        "{operator!r} does not know the part of speech {tag!r}. Expected one of: {known}; or a "
        "tag of the tagger, such as {examples}. Near: {near}.",
        "{operator!r} 不认识词性 {tag!r}。可用：{known}；也可写标注器自己的标记，如 {examples}。"
        "相近的有：{near}。",
    ),
    "text.no_vocabulary": (
        "{operator!r} found no {unit} in column {column!r} that stands in at least {rows} rows. "
        "Expected at least one. Lower `min_rows`, use `method: hashing`, or leave the column out.",
        "{operator!r} 在列 {column!r} 中没有找到至少出现在 {rows} 行里的{unit}。至少应有一个。"
        "请调低 `min_rows`，改用 `method: hashing`，或去掉该列。",
    ),
    "text.unit_words": ("word", "词"),
    "text.unit_characters": ("run of characters", "字符串"),
    "text.any_column": ("every text column", "所有文本列"),
    "text.one_column": ("column {column!r}", "列 {column!r}"),
    "text.bad_range": (
        "{operator!r} cannot use `{option}`: {received!r}. Expected {expected}.",
        "{operator!r} 无法使用 `{option}`：{received!r}。应为 {expected}。",
    ),
    "text.reason_words": ("words of {column}", "{column} 的分词结果"),
    "text.reason_tags": ("tagged words of {column}", "{column} 的词性标注结果"),
    "text.reason_sentences": ("number of sentences of {column}", "{column} 的句数"),
    "text.reason_language": ("language of {column}", "{column} 的语言"),
    "text.reason_features": (
        "{method} of {unit} of {column}",
        "{column} 的{unit}特征（{method}）",
    ),
}
