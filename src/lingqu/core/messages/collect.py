"""Messages of `lingqu.data` about archives, media, spreadsheets, JSON, hubs, encodings, export."""

MESSAGES: dict[str, tuple[str, str]] = {
    # limits of archives
    "collect.limit_total": (
        "{path!r}: what comes out of it passes {most:,} MB, at the member {member!r} "
        "({received:,} bytes so far). Expected at most {most:,} MB. If you trust it, raise the "
        "limit with `data: {{source: …, options: {{max_mb: …}}}}`.",
        "{path!r}：解出的内容在成员 {member!r} 处超过 {most:,} MB（已有 {received:,} 字节）。"
        "最多应为 {most:,} MB。若来源可信，请用 `data: {{source: …, options: {{max_mb: …}}}}` "
        "调大上限。",
    ),
    "collect.limit_ratio": (
        "{path!r}: at the member {member!r} it has grown {received:,} times, as decompression "
        "bombs do. Expected at most {most:,} times. Unpack it yourself, look at it, and give the "
        "folder or the file.",
        "{path!r}：解到成员 {member!r} 时已膨胀 {received:,} 倍，像是压缩炸弹。"
        "最多应为 {most:,} 倍。请自行解压并检查，再给出解压后的文件夹或文件。",
    ),
    "collect.limit_files": (
        "{path!r} holds more than {most:,} files (the next is {member!r}). Expected at most "
        "{most:,}. Unpack it yourself and give the folder.",
        "{path!r} 中的文件超过 {most:,} 个（下一个是 {member!r}）。最多应为 {most:,} 个。"
        "请自行解压并给出文件夹。",
    ),
    # archives
    "collect.archive_unsafe": (
        "{path!r} is refused: its member {member!r} {problem}. Expected plain files and folders "
        "below the archive. Do not unpack it; ask whoever made it for a clean one.",
        "拒绝读取 {path!r}：其中的成员 {member!r} {problem}。归档中只应有普通文件和文件夹。"
        "请勿解压，并向提供者索取干净的归档。",
    ),
    "collect.unsafe_path": ("points outside the archive", "指向归档之外"),
    "collect.unsafe_link": ("is a link", "是链接"),
    "collect.unsafe_device": ("is a device or another special file", "是设备或其他特殊文件"),
    "collect.archive_twice": (
        "{path!r} holds the member {member!r} twice. Expected one file of each name, or it cannot "
        "be known which is meant. Pack it again.",
        "{path!r} 中成员 {member!r} 出现两次。每个名字只应有一个文件，否则无法判断以哪个为准。"
        "请重新打包。",
    ),
    "collect.archive_locked": (
        "{path!r}: the member {member!r} is behind a password. Expected an archive without one. "
        "Unpack it with the password and give the folder.",
        "{path!r}：成员 {member!r} 设有密码。应为没有密码的归档。请用密码解压后给出文件夹。",
    ),
    "collect.unpack_broken": (
        "{path!r} cannot be unpacked: {problem}. Expected a whole archive or compressed file. "
        "Check that it was written or downloaded completely.",
        "{path!r} 无法解压：{problem}。应为完整的归档或压缩文件。请检查写入或下载是否完整。",
    ),
    "collect.archive_broken": (
        "{path!r} cannot be read as an archive, at the member {member!r}: {problem}. Expected a "
        "whole zip or tar file. Check that it was written or downloaded completely.",
        "{path!r} 作为归档读取到成员 {member!r} 时出错：{problem}。应为完整的 zip 或 tar 文件。"
        "请检查写入或下载是否完整。",
    ),
    # folders
    "collect.folder_mixed": (
        "{path!r} holds files of several kinds: {received}. Expected one. Name it, as in "
        "`data: {{source: …, options: {{format: {first}}}}}`, or point to a folder of one kind.",
        "{path!r} 中有多种文件：{received}。应只有一种。请指明，例如 "
        "`data: {{source: …, options: {{format: {first}}}}}`，或改为指向只含一种文件的文件夹。",
    ),
    "collect.no_media": (
        "{path!r} holds no files for a column {kind!r}. Expected files whose names end in "
        "{expected}, in a folder for each class or beside a table of labels.",
        "{path!r} 中没有可用作 {kind!r} 列的文件。应有以 {expected} 结尾的文件，"
        "按类别分文件夹存放，或旁边有标签表。",
    ),
    "collect.no_class_folders": (
        "{path!r}: the labels are to come from folders, but the files lie in none (such as "
        "{files!r}). Expected <folder>/<class>/<file>. Write `labels: none`, or name a table.",
        "{path!r}：要求用文件夹作标签，但文件不在任何子文件夹中（例如 {files!r}）。"
        "应为 <文件夹>/<类别>/<文件>。请写 `labels: none`，或指明标签表。",
    ),
    "collect.recordings_unreadable": (
        "{count} file(s) under {path!r} are empty or cannot be decoded: {files}. The first: "
        "{problem}. Expected whole recordings. Replace them, or leave them out with "
        "`data: {{source: …, options: {{skip_unreadable: true}}}}`; the report then lists them.",
        "{path!r} 下有 {count} 个文件为空或无法解码：{files}。第一个的问题：{problem}。"
        "应为完整的录音。请更换，或写 `data: {{source: …, options: {{skip_unreadable: true}}}}` "
        "将其排除（报告会列出）。",
    ),
    "collect.texts_unreadable": (
        "{count} file(s) under {path!r} are empty or cannot be read as text: {files}. The first: "
        "{problem}. Expected text in UTF-8 or GB18030. Replace them, name the `encoding`, or leave "
        "them out with `data: {{source: …, options: {{skip_unreadable: true}}}}`.",
        "{path!r} 下有 {count} 个文件为空或不能读作文本：{files}。第一个的问题：{problem}。"
        "应为 UTF-8 或 GB18030 文本。请更换、用 `encoding` 指明编码，"
        "或写 `data: {{source: …, options: {{skip_unreadable: true}}}}` 将其排除。",
    ),
    # tables of labels
    "collect.many_labels": (
        "{path!r} holds several tables of labels: {files}. Expected one. Name it with "
        "`data: {{source: …, options: {{labels: <table>}}}}`.",
        "{path!r} 中有多个标签表：{files}。应只有一个。"
        "请用 `data: {{source: …, options: {{labels: <表>}}}}` 指明。",
    ),
    "collect.no_file_column": (
        "{path!r}: no column names the files. Expected one with their names; received the columns "
        "{received}. Name it with `data: {{source: …, options: {{file: <column>}}}}`.",
        "{path!r}：没有哪一列是文件名。应有一列写明文件名；收到的列：{received}。"
        "请用 `data: {{source: …, options: {{file: <列名>}}}}` 指明。",
    ),
    "collect.labels_twice": (
        "{path!r}: {count} file(s) have several rows: {files}. Expected one row for each file. "
        "Remove the rows that are too many (the numbers count from 1).",
        "{path!r}：{count} 个文件有多行：{files}。每个文件只应有一行。"
        "请删去多余的行（行号从 1 起）。",
    ),
    "collect.labels_absent": (
        "{path!r}: {count} row(s) name no file that is there: {rows}. Expected the name of a file, "
        "relative to the folder. Correct them, or leave them out with `skip_unreadable: true`.",
        "{path!r}：{count} 行所写的文件不存在：{rows}。应为相对于文件夹的文件名。"
        "请更正，或用 `skip_unreadable: true` 将其排除。",
    ),
    "collect.labels_missing": (
        "{path!r} has no row for {count} file(s): {files}. Expected a row for each file. Add them, "
        "or leave these files out with `skip_unlabelled: true`.",
        "{path!r} 中缺少 {count} 个文件的行：{files}。每个文件都应有一行。"
        "请补上，或用 `skip_unlabelled: true` 将这些文件排除。",
    ),
    # spreadsheets
    "collect.no_sheet": (
        "{path!r} has no sheet {sheet!r}. Near names: {near}. Expected one of: {received}.",
        "{path!r} 中没有工作表 {sheet!r}。相近的名字：{near}。应为下列之一：{received}。",
    ),
    "collect.many_sheets": (
        "{path!r} has {count} sheets with rows: {received}. Expected one. Name it with "
        '`data: {{source: …, options: {{sheet: {first}}}}}`, or write `sheet: "*"` for all of '
        "them.",
        "{path!r} 有 {count} 个含数据的工作表：{received}。应指定一个。"
        "请用 `data: {{source: …, options: {{sheet: {first}}}}}` 指明，"
        '或写 `sheet: "*"` 读取全部。',
    ),
    "collect.excel_header": (
        "{path!r}: row {row} names no column in place {columns}, though there are values below; "
        "merged or empty cells do that. Expected a name over each column; received {received}. "
        "Fill them in, or name the row of the header with "
        "`data: {{source: …, options: {{header: {better}}}}}` (0 if there is none).",
        "{path!r}：第 {row} 行在第 {columns} 列处没有列名，而下方有值，多半是合并或空白的单元格。"
        "每列上方都应有列名；收到 {received}。请补上，"
        "或用 `data: {{source: …, options: {{header: {better}}}}}` 指明表头所在行"
        "（没有表头则为 0）。",
    ),
    "collect.excel_locked": (
        "{path!r} is behind a password. Expected a workbook that opens without one. Save a copy "
        "without password.",
        "{path!r} 设有密码。应为无需密码即可打开的工作簿。请另存一份不带密码的副本。",
    ),
    # Arrow, JSON
    "collect.old_feather": (
        "{path!r} is a Feather file of version 1, which is retired. Expected Arrow IPC (Feather "
        "2). Write it again with `pyarrow.feather.write_feather` or as Parquet.",
        "{path!r} 是已停用的第 1 版 Feather 文件。应为 Arrow IPC（Feather 2）。"
        "请用 `pyarrow.feather.write_feather` 重新写出，或存为 Parquet。",
    ),
    "collect.bad_json": (
        "{path!r}, line {row}, character {column}: {problem}. Expected one JSON document. Correct "
        "that place.",
        "{path!r} 第 {row} 行第 {column} 个字符：{problem}。应为一个 JSON 文档。请更正该处。",
    ),
    "collect.json_lines": (
        "{path!r}, line {row}, character {column}: {problem}; it looks like JSON lines. Expected "
        "one JSON document. Write `data: {{source: …, options: {{format: jsonl}}}}`.",
        "{path!r} 第 {row} 行第 {column} 个字符：{problem}；看来是 JSON Lines。"
        "应为一个 JSON 文档。请写 `data: {{source: …, options: {{format: jsonl}}}}`。",
    ),
    "collect.json_row": (
        "{path!r}: element {row} is no object ({received}). Expected an array of objects, one for "
        "each row. Correct that element.",
        "{path!r}：第 {row} 个元素不是对象（{received}）。应为由对象组成的数组，每行一个。"
        "请更正该元素。",
    ),
    "collect.json_shape": (
        "{path!r} holds {received}. Expected an array of objects, or an object of columns of equal "
        "length. If the rows lie deeper, say where: "
        "`data: {{source: …, options: {{at: {place}}}}}`.",
        "{path!r} 的内容是 {received}。应为由对象组成的数组，或各列等长的对象。若数据行在更深处，"
        "请写明位置：`data: {{source: …, options: {{at: {place}}}}}`。",
    ),
    "collect.json_place": (
        "{path!r}: `at: {place}` leads nowhere, as there is no {missing!r}. Expected one of: "
        "{received}.",
        "{path!r}：`at: {place}` 找不到内容，因为没有 {missing!r}。应为下列之一：{received}。",
    ),
    # encodings
    "collect.mixed_encodings": (
        "{path!r} mixes encodings: {utf8} line(s) are UTF-8 and {other} are not; the first odd one "
        "is line {row}, with the bytes {bytes}. Expected one encoding. Save the file anew, or let "
        "each line be read by the first that fits: "
        '`data: {{source: …, options: {{encoding: "utf-8, {guess}"}}}}`.',
        "{path!r} 混用了多种编码：{utf8} 行是 UTF-8，{other} 行不是；最早的异常在第 {row} 行，"
        "字节为 {bytes}。应只有一种编码。请重新保存文件，或逐行按先合适者读取："
        '`data: {{source: …, options: {{encoding: "utf-8, {guess}"}}}}`。',
    ),
    # servers
    "collect.absent": (
        "There is nothing at {path!r}. Expected the address of a file, of a folder (ending in "
        "`/`), or a pattern with `*`. Check the address, and whether you may read there.",
        "{path!r} 处没有内容。应为文件的地址、以 `/` 结尾的文件夹地址，或带 `*` 的模式。"
        "请检查地址，以及是否有读取权限。",
    ),
    "collect.web_page": (
        "{path!r} holds a web page, not data; a login or an error page often does. "
        "Expected the file itself. Open the address in a browser, and give the address of the "
        "download.",
        "{path!r} 的内容是网页而不是数据，多半是登录页或错误页。应为文件本身。"
        "请在浏览器中打开该地址，并改用下载文件的地址。",
    ),
    # Hugging Face data sets
    "collect.hub_stream": (
        "A {received} streams its rows and cannot be read twice. Expected a `Dataset` or a "
        "`DatasetDict`. Make one with `Dataset.from_list(list(stream.take(n)))`.",
        "{received} 是流式数据，不能重复读取。应为 `Dataset` 或 `DatasetDict`。"
        "请用 `Dataset.from_list(list(stream.take(n)))` 转换。",
    ),
    "collect.no_split": (
        "There is no split {split!r}. Near names: {near}. Expected one of: {received}.",
        "没有名为 {split!r} 的划分。相近的名字：{near}。应为下列之一：{received}。",
    ),
    "collect.media_missing": (
        "Column {column!r}, row {row}: the file {received!r} cannot be read ({problem}). Expected "
        "a file that exists, or its bytes in the row.",
        "列 {column!r} 第 {row} 行：文件 {received!r} 无法读取（{problem}）。"
        "应为存在的文件，或在该行中直接给出字节。",
    ),
    # SQL
    "collect.sql_param": (
        "The query does not name the parameter {name!r}: {query}. Expected `:{name}` in the query. "
        "Correct the query or `params`.",
        "查询语句中没有参数 {name!r}：{query}。语句中应写有 `:{name}`。请更正查询或 `params`。",
    ),
    "collect.chunk_rows": (
        "`chunk_rows` is {received!r}. Expected a whole number of at least 1, such as 100000.",
        "`chunk_rows` 为 {received!r}。应为不小于 1 的整数，例如 100000。",
    ),
    # export
    "collect.not_written": (
        "{path!r} cannot be written: {problem}. Expected a folder that exists and may be written "
        "to. Choose another place.",
        "{path!r} 无法写入：{problem}。应为存在且可写的文件夹。请换一个位置。",
    ),
    # why a column has its kind
    "collect.reason_recordings": ("recording files", "录音文件"),
    "collect.reason_texts": ("text files", "文本文件"),
    "collect.reason_names": ("names of the files", "文件的名字"),
    "collect.reason_parts": (
        "names of the folders that split the files",
        "划分文件的文件夹的名字",
    ),
    "collect.reason_encoded_recordings": ("encoded recordings", "编码后的录音"),
}
