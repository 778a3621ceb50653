"""Messages of `lingqu.data`, `lingqu.release.conform` and `lingqu.release.media`."""

MESSAGES: dict[str, tuple[str, str]] = {
    # frames and their columns
    "data.not_a_frame": (
        "A {received} is not a table. Expected a pandas, Polars or Arrow frame, a list of dicts "
        "(rows) or a dict of columns.",
        "{received} 不是表格。应为 pandas、Polars 或 Arrow 的数据框，或由字典组成的列表（逐行），"
        "或由列组成的字典。",
    ),
    "data.mixed_column": (
        "The table cannot be read: a column mixes values of different types ({problem}). "
        "Expected one type per column. Convert that column to text or to numbers first.",
        "表格无法读取：某一列混有不同类型的值（{problem}）。每列应只有一种类型。"
        "请先把该列统一转换为文本或数字。",
    ),
    "data.unequal_columns": (
        "The table cannot be read: its columns are of different lengths ({lengths}). Expected one "
        "value of each column for each row. Fill the short ones, or leave them out.",
        "表格无法读取：各列长度不同（{lengths}）。每一行在每一列都应有一个值。请补齐较短的列，或去掉它们。",
    ),
    "data.duplicate_columns": (
        "{where}: several columns have the name {names} (columns {places}). Expected a different "
        "name for each column. Rename them in the header.",
        "{where}：有多列同名 {names}（第 {places} 列）。各列名称应互不相同。请修改表头。",
    ),
    "data.pattern_names": (
        "{where}: column name(s) {names} would stand for several columns. Expected names other "
        "than `*` and `^…$`. Rename them in the header.",
        "{where}：列名 {names} 会被当作多列的通配写法。列名不应为 `*` 或 `^…$`。请修改表头。",
    ),
    "data.missing_column": (
        "{where} lacks {count} column(s): {columns}. Near names: {near}. Received the columns "
        "{received}. Check the spelling, or see the expected columns with `lingqu show`.",
        "{where} 缺少 {count} 列：{columns}。相近的列名：{near}。收到的列：{received}。"
        "请检查拼写，或用 `lingqu show` 查看需要哪些列。",
    ),
    "data.wrong_kind": (
        "{where}column {column!r}, row {row}: {received} cannot be read as {kind}. Expected "
        "{expected}. Correct the cell, or give the column another kind with "
        "`data: {{kinds: {{{column!y}: text}}}}`.",
        "{where}列 {column!r} 第 {row} 行：{received} 不能读作 {kind}。应为：{expected}。"
        "请更正该单元格，或用 `data: {{kinds: {{{column!y}: text}}}}` 另行指定该列的种类。",
    ),
    "data.no_kind": (
        "{where}column {column!r} has the type {received}. Expected numbers, text, dates, "
        "true/false, pictures, recordings or lists of numbers. Convert it or leave it out before "
        "you hand the table over.",
        "{where}列 {column!r} 的类型是 {received}。应为数字、文本、日期、是否值、图像、录音或"
        "数字列表。请先转换该列，或先去掉它，再交来这张表。",
    ),
    # pictures
    "data.picture_missing": (
        "Column {column!r}, row {row}: there is no picture. Expected a path, encoded bytes or an "
        "array of pixels in every row. Remove the row or supply the picture.",
        "列 {column!r} 第 {row} 行没有图像。每行都应有路径、图像字节或像素数组。"
        "请删除该行或补上图像。",
    ),
    "data.picture_shape": (
        "Column {column!r}, row {row}: the pixels have shape {received}. Expected {expected}. "
        "Send pictures of one shape.",
        "列 {column!r} 第 {row} 行：像素的形状是 {received}，应为 {expected}。请使用统一的形状。",
    ),
    "data.not_base64": ("not base64: {problem}", "不是 base64：{problem}"),
    "data.picture_unreadable": (
        "Column {column!r}, row {row}: the picture {received!r} cannot be decoded ({problem}). "
        "Expected a whole PNG, JPEG, GIF, BMP, TIFF or WebP file. Replace it or remove the row.",
        "列 {column!r} 第 {row} 行：图像 {received!r} 无法解码（{problem}）。"
        "应为完整的 PNG、JPEG、GIF、BMP、TIFF 或 WebP 文件。请更换图像或删除该行。",
    ),
    "data.pictures_unreadable": (
        "{count} file(s) under {path!r} are empty or cannot be decoded: {files}. Expected whole "
        "pictures. Replace them, or leave them out with `data: {{source: …, "
        "options: {{skip_unreadable: true}}}}`; the report then lists them.",
        "{path!r} 下有 {count} 个文件为空或无法解码：{files}。应为完整的图像。请更换，"
        "或写 `data: {{source: …, options: {{skip_unreadable: true}}}}` 将其排除（报告会列出）。",
    ),
    "data.no_pictures": (
        "The folder {path!r} holds no pictures in class folders. Expected "
        "<folder>/<class>/<picture>, with pictures named {expected}.",
        "文件夹 {path!r} 中没有按类别存放的图像。应为 <文件夹>/<类别>/<图像>，"
        "图像扩展名为 {expected}。",
    ),
    # finding a source
    "data.unknown_source": (
        "{where}: {source!r} is not a source that can be read. Expected a file ending in "
        "{expected}, a folder of pictures, a pattern with `*`, `sklearn:<name>`, "
        "`package:<package>/<file>`, a database URL such as `sqlite:///shop.db?table=orders`, or a "
        "frame. See `lingqu list sources`.",
        "{where}：{source!r} 不是可以读取的数据源。应为以 {expected} 结尾的文件、图像文件夹、"
        "带 `*` 的模式、`sklearn:<名称>`、`package:<包>/<文件>`、"
        "`sqlite:///shop.db?table=orders` 之类的数据库 URL，或数据框。"
        "请看 `lingqu list sources`。",
    ),
    "data.missing_file": (
        "{path!r} does not exist (looked in {folder!r}). Expected an existing file, folder or "
        "pattern; paths are relative to the folder of channel.yaml. Near names: {near}.",
        "{path!r} 不存在（查找位置：{folder!r}）。应为已有的文件、文件夹或模式；"
        "相对路径以 channel.yaml 所在文件夹为准。相近的名字：{near}。",
    ),
    "data.unreachable": (
        "{path!r} cannot be read: {problem}. Expected a readable file. Check the address, the "
        "permissions and the `storage` options.",
        "{path!r} 无法读取：{problem}。应为可读的文件。请检查地址、权限和 `storage` 选项。",
    ),
    "data.unknown_bundled": (
        "scikit-learn bundles no data set {name!r} that Lingqu knows. Near names: {near}. "
        "Expected one of: {expected}.",
        "没有名为 {name!r} 的 scikit-learn 自带数据集。相近的名字：{near}。可用：{expected}。",
    ),
    "data.package_absent": (
        "{source!r} lies in the Python package {package!r}, which is not installed. "
        "Run `pip install {distribution}`.",
        "{source!r} 在 Python 包 {package!r} 中，该包尚未安装。"
        "请运行 `pip install {distribution}`。",
    ),
    "data.package_path": (
        "{source!r} is not the address of a file in a package. Expected "
        "`package:<package>/<file inside it>`, without `..`.",
        "{source!r} 不是包内文件的地址。应写作 `package:<包>/<包内文件>`，且不含 `..`。",
    ),
    # delimited text
    "data.empty_file": (
        "{path!r} is empty. Expected a header line and rows. Check that the export finished.",
        "{path!r} 是空文件。应有表头和数据行。请检查导出是否完成。",
    ),
    "data.no_rows": (
        "{path!r} has the columns {columns} but no rows. Expected at least one row of data.",
        "{path!r} 有列 {columns}，但没有数据行。至少应有一行数据。",
    ),
    "data.binary_file": (
        "{path!r} is not text: byte {offset} is {byte}{guess}. Expected delimited text. Give the "
        "file its true extension, or export it as CSV.",
        "{path!r} 不是文本：第 {offset} 字节为 {byte}{guess}。应为分隔符文本。"
        "请使用正确的扩展名，或导出为 CSV。",
    ),
    "data.wrong_encoding": (
        "{path!r}, line {row}: byte {byte} is not {tried}. Expected text in UTF-8 or GB18030. Name "
        "the encoding, for instance `data: {{source: …, options: {{encoding: latin-1}}}}`, or save "
        "as UTF-8.",
        "{path!r} 第 {row} 行：字节 {byte} 不符合 {tried}。应为 UTF-8 或 GB18030 文本。"
        "请指明编码，例如 `data: {{source: …, options: {{encoding: latin-1}}}}`，"
        "或另存为 UTF-8。",
    ),
    "data.unknown_encoding": (
        "{path!r}: {encoding!r} is not an encoding. Expected auto, utf-8, gb18030, latin-1 or "
        "another name that Python knows.",
        "{path!r}：{encoding!r} 不是编码名称。应为 auto、utf-8、gb18030、latin-1 "
        "或 Python 认识的其他名称。",
    ),
    "data.ragged": (
        "{path!r}, row {row} (line {line}): found {received} cells; {fault}. Expected {expected} "
        "cells, as in the header. Correct that line; a cell that contains {separator!r} needs "
        "quotes.",
        "{path!r} 第 {row} 行（文件第 {line} 行）：有 {received} 个单元格，{fault}。"
        "应与表头一致，为 {expected} 个。请更正该行；含有 {separator!r} 的单元格要加引号。",
    ),
    "data.ragged_missing": ("column {column!r} is missing", "缺少列 {column!r}"),
    "data.ragged_extra": ("{extra!r} is too much", "多出 {extra!r}"),
    "data.bad_quotes": (
        "{path!r}, row {row} (line {line}): a quoted cell is not closed ({problem}). Expected "
        "every opening quote to have a closing one. Correct that line.",
        "{path!r} 第 {row} 行（文件第 {line} 行）：带引号的单元格没有闭合（{problem}）。"
        "引号应成对出现。请更正该行。",
    ),
    "data.long_cell": (
        "{path!r}, column {column!r}, row {row}: the cell has {received} characters, which is "
        "often an unclosed quote. Expected at most {expected}. Correct the cell, or raise "
        "`max_characters`.",
        "{path!r} 列 {column!r} 第 {row} 行：单元格有 {received} 个字符，多半是引号没有闭合。"
        "最多应为 {expected} 个。请更正该单元格，或调大 `max_characters`。",
    ),
    "data.broken_file": (
        "{path!r} cannot be read as {kind}: {problem}. Expected a whole {kind} file. Check that "
        "it was written or downloaded completely.",
        "{path!r} 不能作为 {kind} 读取：{problem}。应为完整的 {kind} 文件。"
        "请检查写入或下载是否完整。",
    ),
    "data.many_members": (
        "{path!r} holds {count} files: {members}. Expected an archive of one file; name it with "
        "`data: {{source: …, options: {{member: {first}}}}}`.",
        "{path!r} 中有 {count} 个文件：{members}。应只含一个文件，"
        "或用 `data: {{source: …, options: {{member: {first}}}}}` 指明。",
    ),
    "data.files_differ": (
        "{path!r} has other columns than {first!r}: {difference}. Expected the same columns in "
        "every file of a pattern.",
        "{path!r} 与 {first!r} 的列不同：{difference}。同一模式的各个文件应有相同的列。",
    ),
    # JSON lines
    "data.bad_json": (
        "{path!r}, line {row}: {problem}. Expected one JSON object per line. Correct that line.",
        "{path!r} 第 {row} 行：{problem}。每行应是一个 JSON 对象。请更正该行。",
    ),
    # SQL
    "data.bad_sql_url": (
        "{url!r} does not say what to read. Expected `…?table=<name>` or `…?query=<SELECT …>`, "
        "one of them.",
        "{url!r} 没有写明读取什么。应写 `…?table=<表名>` 或 `…?query=<SELECT …>`，二者取一。",
    ),
    "data.sql_failed": (
        "The database {url!r} refused: {problem}. Expected a readable table or SELECT query. "
        "Check the URL and the query.",
        "数据库 {url!r} 拒绝了请求：{problem}。应为可读取的表或 SELECT 查询。"
        "请检查 URL 和查询语句。",
    ),
    "data.no_table": (
        "The database {url!r} has no table {table!r}. Near names: {near}. Expected an existing "
        "table.",
        "数据库 {url!r} 中没有表 {table!r}。相近的名字：{near}。应为已有的表。",
    ),
    # roles
    "data.target_absent": (
        "There is no column {target!r} to predict. Near names: {near}. Expected one of the "
        "columns: {received}. Correct `train: {{target: …}}`.",
        "没有可预测的列 {target!r}。相近的列名：{near}。应为下列之一：{received}。"
        "请更正 `train: {{target: …}}`。",
    ),
    "data.role_absent": (
        "`data: {{{option}: …}}` names the column {name!r}, which the data lacks. Near names: "
        "{near}. Expected one of the columns: {received}.",
        "`data: {{{option}: …}}` 写了列 {name!r}，数据中没有这一列。相近的列名：{near}。"
        "应为下列之一：{received}。",
    ),
    "data.role_twice": (
        "Column {name!r} is asked to be both {first} and {second}. Expected one role for a column. "
        "Correct the `data` section of channel.yaml.",
        "列 {name!r} 同时被指定为 {first} 和 {second}。一列只能有一个角色。"
        "请更正 channel.yaml 的 `data` 一节。",
    ),
    "data.unknown_kind": (
        "Column {name!r} is given the kind {kind!r}. Near names: {near}. Expected one of: "
        "{expected}.",
        "列 {name!r} 的种类写成了 {kind!r}。相近的名字：{near}。应为下列之一：{expected}。",
    ),
    "data.target_missing": (
        "The target {target!r} has no value in {count} row(s), the first is row {row} (missing, "
        "NaN or infinite). Expected a value in every row. Remove these rows or fill them in.",
        "目标列 {target!r} 有 {count} 行没有值，最早在第 {row} 行（缺失、NaN 或无穷大）。"
        "每行都应有值。请删除或补全这些行。",
    ),
    "data.target_empty": (
        "The target {target!r} has no value in any row. Expected a value in every row. "
        "Choose another column with `train: {{target: …}}`.",
        "目标列 {target!r} 没有任何值。每行都应有值。请用 `train: {{target: …}}` 另选一列。",
    ),
    "data.target_constant": (
        "The target {target!r} has the value {value!r} in all {rows} rows. Expected at least two "
        "different values, or there is nothing to learn. Choose another column or add rows.",
        "目标列 {target!r} 在全部 {rows} 行中都是 {value!r}。至少应有两种不同的值，"
        "否则无从学习。请另选一列或增加数据。",
    ),
    "data.wrong_role": (
        "`data: {{{option}: {column!y}}}`: column {column!r}, row {row}: {received} is of kind "
        "{kind}. Expected {expected}. Correct the cell, or name another column.",
        "`data: {{{option}: {column!y}}}`：列 {column!r} 第 {row} 行：{received} 的种类是 {kind}。"
        "应为{expected}。请更正该单元格，或换一列。",
    ),
    "data.expects_one_type": ("values of one type", "同一种类型的值"),
    "data.expects_date": ("a date ({format})", "日期（{format}）"),
    "data.expects_picture": (
        "a path, encoded bytes or an array of pixels",
        "路径、图像字节或像素数组",
    ),
    "data.expects_boxes": (
        "a list of boxes, each with label, x, y, width > 0 and height > 0 in pixels, such as "
        '[{{"label": "7", "x": 4, "y": 9, "width": 12, "height": 16}}]',
        "由框组成的列表，每个框有 label、x、y、width（> 0）、height（> 0），单位为像素，例如 "
        '[{{"label": "7", "x": 4, "y": 9, "width": 12, "height": 16}}]',
    ),
    "data.reason_boxes": ("boxes around objects", "物体的框"),
    "data.expects_numbers": ("a list of {shape} numbers", "形状为 {shape} 的数字列表"),
    "data.expects_array": ("an array of shape {shape}", "形状为 {shape} 的数组"),
    "data.expects_some_array": (
        "at least one array in the column, to know its shape",
        "该列至少有一个数组，才能知道形状",
    ),
    "data.expects_time": (
        "a time or a number in every row (datetime / number)",
        "每行一个时间或数字（datetime / number）",
    ),
    "data.expects_weight": ("a number ≥ 0 in every row", "每行一个不小于 0 的数字"),
    "data.no_value": ("no value", "空值"),
    "data.bad_weight": (
        "Weight column {column!r}, row {row}: {received}. Expected in every row a number ≥ 0 and "
        "≤ 1e36, and one above 0 somewhere. Correct the cell, or leave "
        "`data: {{weight: {column!y}}}` out.",
        "权重列 {column!r} 第 {row} 行：{received}。每行都应是不小于 0、不大于 1e36 的数字，"
        "且至少有一个大于 0。请更正该单元格，或去掉 `data: {{weight: {column!y}}}`。",
    ),
    "data.target_scale": (
        "The target {target!r} goes from {low:g} to {high:g}. Answers are 32-bit numbers: expected "
        "sizes between 1e-36 and 1e36, and a range of at least a hundred-thousandth of the size. "
        "Multiply the column by a suitable factor, or subtract {low:g} from it, before you learn.",
        "目标列 {target!r} 的取值从 {low:g} 到 {high:g}。答案是 32 位数：数值大小应在 1e-36 与 "
        "1e36 之间，取值范围至少应为数值大小的十万分之一。请先把该列乘以适当的系数，"
        "或减去 {low:g}，再训练。",
    ),
    "data.target_not_number": (
        "The task regress needs numbers, but the target {target!r} is {kind}: row {row} is "
        "{received}. Expected numbers. Correct the cells, or use `train: {{task: classify}}`.",
        "回归任务（regress）需要数字，但目标列 {target!r} 是 {kind}：第 {row} 行为 {received}。"
        "应为数字。请更正单元格，或改用 `train: {{task: classify}}`。",
    ),
    "data.target_not_class": (
        "The task classify needs classes, but the target {target!r} has {classes} different values "
        "in {rows} rows. Expected at least two rows of most classes. Use "
        "`train: {{task: regress}}`, or choose another column.",
        "分类任务（classify）需要类别，但目标列 {target!r} 在 {rows} 行中有 {classes} 种不同的值。"
        "大多数类别至少应有两行。请改用 `train: {{task: regress}}`，或另选一列。",
    ),
    "data.target_media": (
        "The target {target!r} is of kind {kind}. Expected a category, a boolean or a number. "
        "Choose another column with `train: {{target: …}}`.",
        "目标列 {target!r} 的种类是 {kind}。应为类别、布尔或数字。"
        "请用 `train: {{target: …}}` 另选一列。",
    ),
    "data.no_features": (
        "No column is left to learn from beside the target {target!r}: {why}. Expected at least "
        "one feature. Give a column back with `data: {{kinds: …}}` or drop fewer.",
        "除目标列 {target!r} 外没有可供学习的列：{why}。至少应有一个特征列。"
        "请用 `data: {{kinds: …}}` 保留某列，或少删除几列。",
    ),
    # splits
    "data.few_rows": (
        "There are {rows} rows, which is too few to set test rows aside. Expected at least "
        "{expected}. Add rows.",
        "只有 {rows} 行，不足以留出测试数据。至少应有 {expected} 行。请增加数据。",
    ),
    "data.bad_share": (
        "The test share is {received!r}. Expected a number between 0 and 1, such as 0.2.",
        "测试比例为 {received!r}。应为 0 与 1 之间的数，例如 0.2。",
    ),
    "data.bad_split": (
        "{how!r} is not a way to split. Near names: {near}. Expected one of: {expected}.",
        "{how!r} 不是划分方式。相近的名字：{near}。应为下列之一：{expected}。",
    ),
    "data.split_needs": (
        "A split by {how} needs a column with the role {how}. Expected "
        "`data: {{{how}: <column>}}`; received none.",
        "按 {how} 划分需要一个角色为 {how} 的列。应写 `data: {{{how}: <列名>}}`；目前没有。",
    ),
    "data.split_null": (
        "Column {column!r} has no value in row {row}, so that row cannot be placed. Expected a "
        "value in every row of the {how} column.",
        "列 {column!r} 第 {row} 行没有值，无法划分。{how} 列每行都应有值。",
    ),
    "data.one_group": (
        "Column {column!r} has {groups} different value(s), so train and test cannot both get "
        "rows. Expected at least two. Choose another {how} column or another split.",
        "列 {column!r} 只有 {groups} 种值，无法同时分出训练和测试数据。至少应有两种。"
        "请另选 {how} 列或换一种划分方式。",
    ),
    "data.split_asked": ("asked for in channel.yaml", "channel.yaml 中如此要求"),
    "data.split_time": (
        "column {column!r} orders the rows: the latest are tested on",
        "列 {column!r} 给出行的先后：用最近的行测试",
    ),
    "data.split_group": (
        "rows of one {column!r} stay together",
        "{column!r} 相同的行放在同一侧",
    ),
    "data.split_distinct": (
        "rows that are equal, or whose texts are nearly so, stay together",
        "相同的行、文本几乎相同的行放在同一侧",
    ),
    "data.one_family": (
        "Copies and near copies join the {rows} rows into {families} famil(y/ies) that cannot be "
        "parted into train and test. Expected rows that differ. Leave out what is copied, or "
        "split another way: `data: {{split: random}}`.",
        "{rows} 行因相同或几乎相同而连成 {families} 组，无法分成训练与测试两侧。应有互不相同的行。"
        "请去掉重复内容，或换一种划分：`data: {{split: random}}`。",
    ),
    "data.unread_copy": (
        "Column {column!r}: the file {path!r} cannot be read, so copies of it cannot be told: "
        "{problem}. Expected a readable file in every row.",
        "列 {column!r}：无法读取文件 {path!r}，因而无法判断是否重复：{problem}。"
        "每行都应是可读的文件。",
    ),
    "data.split_stratified": (
        "every class gets its share of the test rows",
        "每个类别都按比例分到测试行",
    ),
    "data.split_random": ("no column asks for another way", "没有列要求别的划分方式"),
    # why a column has its kind and role
    "data.reason_declared": ("declared in channel.yaml", "channel.yaml 中声明"),
    "data.reason_role": ("{option} in channel.yaml", "channel.yaml 中写为 {option}"),
    "data.reason_misfit": (
        "row {row} ({received}) is no {kind}",
        "第 {row} 行（{received}）不能读作 {kind}",
    ),
    "data.column_empty": (
        "Column {columns} has no value in any of the {rows} rows (1–{rows}). Expected values, or "
        "a declaration that leaves it out: `data: {{source: …, drop: [{drop}]}}`. "
        "`lingqu init` drafts such a line.",
        "列 {columns} 在全部 {rows} 行（第 1–{rows} 行）中都没有值。应有值，或声明不用它："
        "`data: {{source: …, drop: [{drop}]}}`。`lingqu init` 会起草这样的一行。",
    ),
    "data.columns_empty": (
        "{count} columns have no value in any of the {rows} rows (1–{rows}): {columns}. Expected "
        "values, or a declaration that leaves them out: `data: {{source: …, drop: [{drop}]}}`. "
        "`lingqu init` drafts such a line.",
        "{count} 列在全部 {rows} 行（第 1–{rows} 行）中都没有值：{columns}。应有值，"
        "或声明不用它们：`data: {{source: …, drop: [{drop}]}}`。`lingqu init` 会起草这样的一行。",
    ),
    "data.reason_empty": ("no row has a value", "所有行都没有值"),
    "data.reason_encoded": ("encoded pictures", "编码后的图像"),
    "data.reason_bytes": (
        "bytes that are neither pictures nor recordings are not used; convert them to use them",
        "这些字节既不是图像也不是录音，因此不用；转换后才能使用",
    ),
    "data.reason_nested": (
        "nested records; flatten them to use them",
        "嵌套的记录；展开成列后才能使用",
    ),
    "data.reason_same_number": (
        "the same number in every row: {value:g}",
        "每一行都是同一个数：{value:g}",
    ),
    "data.reason_same": ("the same value in every row: {value!r}", "每一行的值都相同：{value!r}"),
    "data.reason_same_boolean": ("{value} in every row", "每一行都是 {value}"),
    "data.reason_same_date": ("the same date in every row", "每一行都是同一日期"),
    "data.reason_numbers": ("numbers", "数字"),
    "data.reason_number_words": (
        "numbers, written with separators or signs",
        "数字，写有分隔符或单位符号",
    ),
    "data.reason_whole": ("whole numbers", "整数"),
    "data.reason_only_two": ("only {low} and {high}", "只有 {low} 和 {high}"),
    "data.reason_boolean": ("true and false", "真与假"),
    "data.reason_number_key": (
        "whole numbers, each different, named as a key",
        "互不相同的整数，列名像编号",
    ),
    "data.reason_repeats": (
        "a key that repeats; `group` may suit it",
        "会重复的编号；或可声明为 `group`",
    ),
    "data.reason_codes_unique": ("codes, each different", "互不相同的代码"),
    "data.reason_codes": ("codes, {different:,} different", "代码，共 {different:,} 种"),
    "data.reason_coded": (
        "only {different} different whole numbers: a coded category",
        "只有 {different} 种整数：是用数字编码的类别",
    ),
    "data.reason_padded": (
        "digits with leading zeros: a code, kept as text",
        "数字带前导零：是代码，按文字保留",
    ),
    "data.reason_dates": ("dates", "日期"),
    "data.reason_dates_as": ("dates written as {format}", "日期，写作 {format}"),
    "data.reason_swapped": ("{format} would fit too", "{format} 也说得通"),
    "data.reason_durations": ("durations, in seconds", "时长，以秒计"),
    "data.reason_times": ("times of day", "一天中的时刻"),
    "data.reason_pixels": ("arrays of pixels, {size}", "像素阵列，{size}"),
    "data.reason_vector": ("lists of {size} numbers", "每行 {size} 个数"),
    "data.reason_word_lists": ("lists of words", "词的列表"),
    "data.reason_picture_paths": ("paths of pictures", "图像的路径"),
    "data.reason_picture_uris": ("pictures as data URIs", "以 data URI 写成的图像"),
    "data.reason_picture_files": ("picture files", "图像文件"),
    "data.reason_folders": ("names of the class folders", "类别文件夹的名字"),
    "data.reason_recordings": ("paths of recordings", "录音的路径"),
    "data.reason_text_key": ("each value different, a key", "值互不相同，是编号"),
    "data.reason_text_codes": ("codes with digits, each different", "含数字的代码，互不相同"),
    "data.reason_free_words": (
        "free text: {size:.1f} words on average, {share:.0%} different",
        "自由文本：平均 {size:.1f} 个词，{share:.0%} 互不相同",
    ),
    "data.reason_free_characters": (
        "free text: {size:.0f} characters on average, {share:.0%} different",
        "自由文本：平均 {size:.0f} 个字，{share:.0%} 互不相同",
    ),
    "data.reason_differ": ("{share:.0%} of the values are different", "{share:.0%} 的值互不相同"),
    "data.reason_words": ("{different:,} different values", "共 {different:,} 种取值"),
    "data.reason_personal": (
        "personal data: the values are not told",
        "个人数据：不显示具体的值",
    ),
    "data.reason_seen": ("seen in {seen:,} of {rows:,} rows", "看了 {rows:,} 行中的 {seen:,} 行"),
    "data.reason_single": ("only one row of {names}", "{names} 只有一行"),
    # versions
    "data.bad_version": (
        "{path!r} is not a stored dataset version ({problem}). Expected a file that Lingqu wrote. "
        "Run the channel again to make it anew.",
        "{path!r} 不是已保存的数据版本（{problem}）。应为灵渠写入的文件。请重新运行渠道以重建。",
    ),
    # drafts
    "data.no_target": (
        "{path!r} has no column that could be predicted. Expected a category, yes/no or number "
        "beside at least one other column. Name one with `lingqu init {path} --predict <column>`.",
        "{path!r} 中没有可以预测的列。除其他列外，应有一个类别、是/否或数字列。"
        "请用 `lingqu init {path} --predict <列名>` 指明。",
    ),
    "data.draft_seen": (
        "Seen: {rows:,} rows, {columns} columns. `lingqu plan` shows what will be done.",
        "共 {rows:,} 行、{columns} 列。`lingqu plan` 会列出将要做的事。",
    ),
    "data.draft_guess": (
        "Guessed: {target} is the column to predict ({why}). If not, correct `target`.",
        "猜测：要预测的列是 {target}（{why}）。若不对，请修改 `target`。",
    ),
    "data.draft_named": ("its name says so", "列名表明如此"),
    "data.draft_last": ("it is the last column", "它是最后一列"),
    "data.draft_ids": (
        "Names a row, not used to learn: {names}.",
        "标识每一行，不用于学习：{names}。",
    ),
    "data.draft_ignored": (
        "Left out, nothing to learn: {names}.",
        "不使用，无可学习：{names}。",
    ),
    "data.draft_protected": (
        "Does the law protect one of these? Declared, fairness is checked and it is not learnt:",
        "其中有受法律保护的属性吗？声明后会检查公平性，且不用于学习：",
    ),
    "data.draft_personal": (
        "Named like personal data: {names}. What is recognised in the values is masked unasked.",
        "列名像个人数据：{names}。从取值能认出的会自动遮盖。",
    ),
    "data.draft_mask": (
        "To choose the columns yourself, name all steps (`lingqu plan` lists them), such as:",
        "要自行指定列，请写出全部步骤（`lingqu plan` 会列出），例如：",
    ),
    "data.draft_time": (
        "Is the future to be predicted? With a time column the latest rows are tested on:",
        "要预测未来吗？声明时间列后，用最近的行来测试：",
    ),
    "data.reason_path": ("path of a file in the folder", "文件夹中文件的路径"),
    "data.not_a_file": (
        "{path!r} is neither a file nor a folder (a broken link, a link to a folder, a device or "
        "a socket). A version holds files only. Remove it or put the file in its place, then "
        "run `lingqu data commit` again.",
        "{path!r} 既不是文件也不是文件夹（可能是失效的链接、指向文件夹的链接、设备或套接字）。"
        "版本只收文件。请删除它，或换成真正的文件，然后重新运行 `lingqu data commit`。",
    ),
    "data.name_not_utf8": (
        "The file name {path} is not UTF-8. Expected names in UTF-8. Rename the file, then run "
        "`lingqu data commit` again.",
        "文件名 {path} 不是 UTF-8 编码。文件名应为 UTF-8。"
        "请重命名该文件，然后重新运行 `lingqu data commit`。",
    ),
    "data.changing_file": (
        "{path!r} changes while it is read. Expected a file that nobody writes to. Wait until it "
        "is finished, then run `lingqu data commit` again.",
        "{path!r} 在读取过程中不断变化。提交时不应有人在写该文件。"
        "请等写完之后再运行 `lingqu data commit`。",
    ),
}
