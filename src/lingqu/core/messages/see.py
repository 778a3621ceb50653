"""Words of what can be looked at: in the report and in `Release.plots`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "see.map": ("Map of test rows", "测试行分布图"),
    "see.map_title": (
        "Test rows on two principal components, by what is true",
        "测试行在前两个主成分上的位置，按真实值着色",
    ),
    "see.map_net": (
        "Each dot is a test row, placed by the {width} numbers that `{of}` reads last before its "
        "answer. The two axes hold {first} and {second} of how much these differ; rows far apart "
        "on the map differ, rows close together may still.",
        "每个点是一行测试数据，位置取自 `{of}` 作答前最后读到的 {width} 个数。"
        "两条轴分别保留了其差异的 {first} 与 {second}；"
        "图上相距远的行确实不同，相距近的仍可能不同。",
    ),
    "see.map_columns": (
        "Each dot is a test row, placed by its columns as {width} numbers, since the model has no "
        "layer of its own to ask. The two axes hold {first} and {second} of how much these differ; "
        "rows far apart on the map differ, rows close together may still.",
        "每个点是一行测试数据，位置取自各列化成的 {width} 个数，因为该模型没有可询问的中间层。"
        "两条轴分别保留了其差异的 {first} 与 {second}；"
        "图上相距远的行确实不同，相距近的仍可能不同。",
    ),
    "see.map_wrong": (
        "A cross is a row that was answered wrongly ({count} of {rows}).",
        "叉号为答错的行（{rows} 行中 {count} 行）。",
    ),
    "see.map_values": (
        "The stronger a dot, the larger its value: {low} to {high}.",
        "颜色越浓，数值越大：{low} 至 {high}。",
    ),
    "see.map_others": ("Grey: {count} rarer classes.", "灰色：其余 {count} 个较少的类别。"),
    "see.axis": ("component {number} ({share})", "主成分 {number}（{share}）"),
    "see.worst": ("Where it was surest and wrong", "最确信却答错之处"),
    "see.worst_note": (
        "Test rows, the surest mistake first. Behind the {wrong} mistakes stand right answers that "
        "were least sure.",
        "测试行，最确信的错误在前。{wrong} 个错误之后是最不确信的正确回答。",
    ),
    "see.worst_only": ("Test rows, the surest mistake first.", "测试行，最确信的错误在前。"),
    "see.doubts": ("Where it was least sure", "最不确信之处"),
    "see.doubts_note": (
        "No test row was answered wrongly. These right answers were least sure.",
        "没有测试行答错。以下是最不确信的正确回答。",
    ),
    "see.errors": ("Where it missed most", "误差最大之处"),
    "see.errors_note": ("Test rows, the largest error first.", "测试行，误差最大的在前。"),
    "see.row": ("Row {row}", "第 {row} 行"),
    "see.said_true": ("{said} {sure}, in truth {truth}", "答 {said} {sure}，实为 {truth}"),
    "see.said_right": ("{said} {sure}, right", "答 {said} {sure}，正确"),
    "see.said_value": ("{said}, in truth {truth}", "答 {said}，实为 {truth}"),
    "see.confused": ("What was taken for what", "谁被当成了谁"),
    "see.confused_note": (
        "Pairs of classes by how often one was said for the other, each with its surest mistakes.",
        "按误判次数排列的类别对，各附最确信的错误。",
    ),
    "see.pair": ("{truth} taken for {said}", "{truth} 被当成 {said}"),
    "see.times": ("{count} times", "{count} 次"),
    "see.once": ("once", "1 次"),
    "see.words": ("Which words an answer rests on", "回答依据哪些词"),
    "see.words_note": (
        "Each word of `{column}` is left out in turn and the row is asked again. Shaded: without "
        "it, the answer is given less chance (of a value: it is smaller). Underlined: without it, "
        "more.",
        "依次去掉 `{column}` 的每个词，再问一遍。底色：去掉后该回答的概率变小（若为数值则变小）；"
        "下划线：去掉后反而变大。",
    ),
    "see.patches": ("Where an answer looks", "回答看的是哪里"),
    "see.patches_note": (
        "Each block of `{column}` is replaced by the mean picture in turn and the row is asked "
        "again. Left as it is, right with shade where hiding costs the answer most; an outlined "
        "block spoke against it.",
        "依次把 `{column}` 的每一块换成平均图片，再问一遍。左为原图；"
        "右图阴影越深，遮住后该回答失去越多；描边的块则与该回答相左。",
    ),
    "see.most": ("up to {loss} of the chance", "最多失去 {loss} 的概率"),
    "see.most_value": ("up to {loss} of the value", "数值最多变化 {loss}"),
    "see.picture": ("Row {row}: {words}", "第 {row} 行：{words}"),
    "see.overlay": ("Row {row}: where its answer looks", "第 {row} 行：回答看的是哪里"),
    "see.boxes": (
        "{said} boxes that were said, {true} that are true",
        "回答了 {said} 个框，实有 {true} 个",
    ),
    "see.epoch": ("epoch", "轮次"),
    "see.loss": ("loss", "损失"),
    "see.score": ("score on held-out rows", "留出数据上的得分"),
    "see.train_loss": ("training", "训练"),
    "see.valid_loss": ("held out", "留出"),
    "see.confusion": ("Confusion matrix", "混淆矩阵"),
    "see.truth": ("true", "真实"),
    "see.said": ("said", "回答"),
    "see.wrong": ("answered wrongly", "答错"),
    "see.others": ("others", "其余"),
    "see.lost": ("lost", "失去"),
    "see.nothing": (
        "Release {digest} holds nothing to draw. A release that Lingqu packs after a run holds "
        "what was looked at (`seen.json`); this one was packed before, or elsewhere. Run its "
        "channel again: `lingqu run`.",
        "发布 {digest} 中没有可画的内容。运行后由灵渠打包的发布会带有所看到的内容（`seen.json`）；"
        "此发布打包于此前，或来自别处。请重新运行其渠道：`lingqu run`。",
    ),
}
