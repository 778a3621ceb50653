"""Messages of `lingqu.learn.pretrained`: models from a folder."""

MESSAGES: dict[str, tuple[str, str]] = {
    "pretrained.no_folder": (
        "There is no folder {path!r}. Expected one with a pre-trained encoder (`config.json`, "
        "`tokenizer.json` or `preprocessor_config.json`, `*.safetensors`), beside the channel "
        "file, or `asset:` and a name; see `lingqu list assets`.",
        "没有文件夹 {path!r}。应为渠道文件旁边存放预训练编码器的文件夹（含 `config.json`、"
        "`tokenizer.json` 或 `preprocessor_config.json`、`*.safetensors`），"
        "或 `asset:` 加名称；请看 `lingqu list assets`。",
    ),
    "pretrained.no_file": (
        "The folder {path!r} lacks {file!r}. Expected `config.json`, `*.safetensors`, and "
        "`tokenizer.json` (texts) or `preprocessor_config.json` (pictures, recordings). Save the "
        "model there with `model.save_pretrained(folder)`, and its tokeniser or feature extractor "
        "alike.",
        "文件夹 {path!r} 缺少 {file!r}。应有 `config.json`、`*.safetensors`，以及 `tokenizer.json`"
        "（文本）或 `preprocessor_config.json`（图像、录音）。"
        "请用 `model.save_pretrained(folder)` 和 "
        "`tokenizer.save_pretrained(folder)` 保存到那里。",
    ),
    "pretrained.bad_json": (
        "{file!r} in the folder {path!r} is no JSON object: {problem}. Fetch the file again.",
        "文件夹 {path!r} 中的 {file!r} 不是 JSON 对象：{problem}。请重新获取该文件。",
    ),
    "pretrained.pickle": (
        "The folder {path!r} holds weights as a pickle ({names}): reading it would run code that "
        "somebody put there. Expected `*.safetensors`. Where you trust it, write them anew with "
        "`model.save_pretrained(folder)` of transformers, and remove the pickle.",
        "文件夹 {path!r} 中的权重是 pickle（{names}）：读取它会运行别人写进去的代码。"
        "应为 `*.safetensors`。若确知可信，请用 transformers 的 `model.save_pretrained(folder)` "
        "重新保存，并删去 pickle。",
    ),
    "pretrained.pickle_beside": (
        "A pickle lies in the folder {path!r} ({names}). It is not needed, and runs code for "
        "whoever reads it. Remove it; the weights lie in `*.safetensors`.",
        "文件夹 {path!r} 中有 pickle（{names}）。这里用不到它，而谁读取它谁就会运行其中的代码。"
        "请删去；权重在 `*.safetensors` 中。",
    ),
    "pretrained.bad_weights": (
        "{file!r} in the folder {path!r} cannot be read as weights: {problem}. Fetch the file "
        "again; it may be cut short.",
        "文件夹 {path!r} 中的 {file!r} 无法作为权重读取：{problem}。文件可能不完整，请重新获取。",
    ),
    "pretrained.other_weights": (
        "The weights in the folder {path!r} are not those that its `config.json` describes: "
        "{problem}. Put the files of one model there.",
        "文件夹 {path!r} 中的权重与其 `config.json` 所述不符：{problem}。请放入同一个模型的文件。",
    ),
    "pretrained.own_code": (
        "The model in the folder {path!r} is of the kind {received!r} and brings code of its own, "
        "which is never run here. Expected one of {expected}. Export it to ONNX where you trust "
        "it, and bring it as `train.model: {{onnx: …}}`.",
        "文件夹 {path!r} 中的模型类型为 {received!r}，自带代码，这里不会运行它。"
        "应为其中之一：{expected}。请在可信的环境中导出为 ONNX，"
        "再写 `train.model: {{onnx: …}}`。",
    ),
    "pretrained.unknown_kind": (
        "The model in the folder {path!r} is of the kind {received!r}, which is no encoder that is "
        "known here. Near: {near}. Expected one of {expected}.",
        "文件夹 {path!r} 中的模型类型为 {received!r}，不是这里支持的编码器。相近的有：{near}。"
        "应为其中之一：{expected}。",
    ),
    "pretrained.too_long_sound": (
        "{rows} of {of} recordings are longer than the model hears: {expected:g} s; the longest "
        "lasts {received:.4g} s. Nobody said that recordings may be cut. Say so: "
        "`seconds: {expected:g}`.",
        "{of} 段录音中有 {rows} 段超过模型能听的 {expected:g} 秒，最长的有 {received:.4g} 秒；"
        "没有声明可以截断。请声明：`seconds: {expected:g}`。",
    ),
    "pretrained.bad_seconds": (
        "`seconds` is {received:g}; the model in the folder {path!r} hears at most {expected:g} s. "
        "Expected a number from 0 to {expected:g}.",
        "`seconds` 写的是 {received:g}；文件夹 {path!r} 中的模型最多听 {expected:g} 秒。"
        "应为 0 到 {expected:g} 的数。",
    ),
    "pretrained.note_cut_sound": (
        "{rows} of {of} training recordings were cut to {length:g} s (`seconds`).",
        "{of} 段训练录音中有 {rows} 段被截到 {length:g} 秒（`seconds`）。",
    ),
    "pretrained.sound_with_head": (
        "The model in the folder {path!r} is of the kind {received!r} and hears recordings. "
        "Models of recordings are brought as encoders only: "
        "`train.algorithm: {{pretrained: {{path: …}}}}` fits a head to your rows.",
        "文件夹 {path!r} 中的模型类型为 {received!r}，听的是录音。录音模型只能作为编码器使用："
        "`train.algorithm: {{pretrained: {{path: …}}}}` 会在您的数据上训练输出头。",
    ),
    "pretrained.no_column": (
        "The model in the folder {path!r} reads {reads}, and no feature column is of that kind: "
        "{received}. Expected one, or another folder.",
        "文件夹 {path!r} 中的模型读的是 {reads}，而没有这一类的特征列：{received}。"
        "应有一列，或换一个文件夹。",
    ),
    "pretrained.too_long": (
        "{rows} of {of} texts have more pieces than the model reads: {expected}; the longest has "
        "{received}. Nobody said that texts may be cut. Say so: `context: {expected}`.",
        "{of} 条文本中有 {rows} 条超过模型能读的 {expected} 个词片，最长的有 {received} 个；"
        "没有声明可以截断。请声明：`context: {expected}`。",
    ),
    "pretrained.bad_context": (
        "`context` is {received}; the model in the folder {path!r} reads at most {expected} "
        "pieces. Expected a number from 1 to {expected}.",
        "`context` 写的是 {received}；文件夹 {path!r} 中的模型最多读 {expected} 个词片。"
        "应为 1 到 {expected} 的数。",
    ),
    "pretrained.note_cut": (
        "{rows} of {of} training texts were cut to {length} pieces (`context`).",
        "{of} 条训练文本中有 {rows} 条被截到 {length} 个词片（`context`）。",
    ),
    "pretrained.no_time": (
        "The rung {rung!r} would take about {cost:.3g} s, of {left:.3g} s that are left. Expected "
        "a larger `train.budget`, fewer rows, or a lower `rung`.",
        "{rung!r} 这一级约需 {cost:.3g} 秒，只剩 {left:.3g} 秒。"
        "请增大 `train.budget`、减少行数，或选较低的 `rung`。",
    ),
    "pretrained.no_head": (
        "The model in the folder {path!r} is {received}, which has no trained head. Expected one "
        "whose name ends with {expected}. To fit a head to your rows: "
        "`train.algorithm: {{pretrained: {{path: …}}}}`.",
        "文件夹 {path!r} 中的模型是 {received}，没有训练好的输出头。名称应以 {expected} 结尾。"
        "要在自己的数据上训练输出头，请写 `train.algorithm: {{pretrained: {{path: …}}}}`。",
    ),
    "pretrained.decoder": (
        "{path!r} is a GGUF file: it holds a decoder, which writes texts and finds no vectors. "
        "Expected the folder of an encoder.",
        "{path!r} 是 GGUF 文件：其中是生成文本的解码器，不产生向量。应为编码器的文件夹。",
    ),
    "pretrained.no_memory": (
        "The rung {rung!r} would take about {need:.0f} MB, and {limit:.0f} MB are allowed. "
        "Expected a larger `train.memory`, a smaller model, or the rung `frozen`.",
        "{rung!r} 这一级约需 {need:.0f} MB 内存，上限为 {limit:.0f} MB。"
        "请增大 `train.memory`、换较小的模型，或选 `frozen` 一级。",
    ),
    "pretrained.no_gguf": (
        "There is no GGUF file {path!r}. Expected the path of one.",
        "没有 GGUF 文件 {path!r}。应为一个 GGUF 文件的路径。",
    ),
    "pretrained.not_gguf": (
        "{path!r} is no GGUF file of version 2 or 3: it begins with {received!r}, version "
        "{version}. Fetch the file again.",
        "{path!r} 不是版本 2 或 3 的 GGUF 文件：开头为 {received!r}，版本 {version}。"
        "请重新获取该文件。",
    ),
    "pretrained.gguf_unread": (
        "The GGUF file {path!r} cannot be read: {problem}. Expected a decoder that transformers "
        "knows. Fetch it again, or bring the model's folder of safetensors.",
        "无法读取 GGUF 文件 {path!r}：{problem}。应为 transformers 认识的解码器。"
        "请重新获取，或改用该模型的 safetensors 文件夹。",
    ),
    "pretrained.ladder": (
        "{name}: the rung {best!r} of {folder!r} is kept ({rungs}). {why}",
        "{name}：采用 {folder!r} 的 {best!r} 一级（{rungs}）。{why}",
    ),
    "pretrained.rung": (
        "{rung}: log loss {loss:.4g}, accuracy {score:.3f}",
        "{rung}：对数损失 {loss:.4g}，准确率 {score:.3f}",
    ),
    "pretrained.rung_of_values": (
        "{rung}: squared error {loss:.4g}, R² {score:.3f}",
        "{rung}：平方误差 {loss:.4g}，R² {score:.3f}",
    ),
    "pretrained.why_top": (
        "It climbed to the top of the ladder.",
        "已到阶梯最高一级。",
    ),
    "pretrained.why_noise": (
        "It stopped since {rung!r} gained {gain:.4g} on held-out rows, which is within the noise "
        "of {noise:.4g}.",
        "止步的原因：{rung!r} 在验证行上的增益为 {gain:.4g}，未超出噪声 {noise:.4g}。",
    ),
    "pretrained.why_time": (
        "It stopped since {rung!r} would take about {cost:.3g} s, of {left:.3g} s that were left.",
        "止步的原因：{rung!r} 约需 {cost:.3g} 秒，只剩 {left:.3g} 秒。",
    ),
    "pretrained.why_failed": (
        "It stopped since {rung!r} failed: {problem}",
        "止步的原因：{rung!r} 失败了：{problem}",
    ),
    "pretrained.no_writer": (
        "The model in the folder {path!r} is of the kind {received!r}, which cannot be used here "
        "to write texts. Expected one of: {expected}. Near names: {near}. "
        "See `lingqu show algorithms pretrained_decoder`.",
        "文件夹 {path!r} 中的模型是 {received!r}，此处不能用它生成文本。应为：{expected}。"
        "相近的名称：{near}。请看 `lingqu show algorithms pretrained_decoder`。",
    ),
    "pretrained.template_unstated": (
        "The template of a chat in the folder {path!r} cannot be stated as texts before and behind "
        "each message: {problem}. Expected one that writes every message of a role alike. Replace "
        "`chat_template.jinja` by such a one, or remove it: rows are then asked as plain lines.",
        "文件夹 {path!r} 的对话模板不能表示为每条消息前后的固定文字：{problem}。"
        "模板应以同样方式书写同一角色的每条消息。请换用这样的 `chat_template.jinja`，"
        "或将其删去（届时按普通文本行提问）。",
    ),
    "pretrained.no_end": (
        "The folder {path!r} names no piece that ends a text. Expected `eos_token_id` in "
        "`config.json` or `generation_config.json`; add the number.",
        "文件夹 {path!r} 没有写明结束文本的词元。`config.json` 或 `generation_config.json` "
        "中应有 `eos_token_id`；请补上其编号。",
    ),
    "pretrained.writer_memory": (
        "The rung {rung!r} with weights of {bits} bits would take about {need:.0f} MB, and "
        "{limit:.0f} MB are allowed. Expected a larger `train.memory`, a smaller model, fewer "
        "`bits` (8 or 4), or a lower `rung`.",
        "{rung!r} 一级在权重为 {bits} 位时约需 {need:.0f} MB 内存，上限为 {limit:.0f} MB。"
        "请增大 `train.memory`、换较小的模型、减少 `bits`（8 或 4），或选较低的 `rung`。",
    ),
    "pretrained.rung_written": (
        "{rung}: {metric} {score:.3f}, {nats:.3g} nats a token",
        "{rung}：{metric} {score:.3f}，每词元 {nats:.3g} 奈特",
    ),
    "pretrained.bits_kept": (
        "Weights of {bits} bits are kept: held-out answers score {now:.3f}, {before:.3f} before.",
        "采用 {bits} 位权重：验证行上的得分为 {now:.3f}，此前为 {before:.3f}。",
    ),
    "pretrained.bits_dropped": (
        "Weights of {bits} bits are not kept: held-out answers would score {now:.3f}, {before:.3f} "
        "without rounding.",
        "不采用 {bits} 位权重：验证行上的得分会降为 {now:.3f}，不舍入时为 {before:.3f}。",
    ),
}
