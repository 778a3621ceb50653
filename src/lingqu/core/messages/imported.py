"""Messages of `lingqu.learn.imported`: models that were trained elsewhere."""

MESSAGES: dict[str, tuple[str, str]] = {
    "imported.not_with": (
        "`train.{option}` says how a model is found or fitted, but `train.model` brings one that "
        "is not trained here. Leave out `{option}`, or `model`.",
        "`train.{option}` 说的是怎样寻找或训练模型，而 `train.model` 带来的模型不在这里训练。"
        "请去掉 `{option}` 或 `model`。",
    ),
    "imported.task": (
        "`train.model` brings a model for the task {task!r}. Expected `classify` or `regress`.",
        "`train.model` 带来的模型用于任务 {task!r}。目前只支持 `classify` 和 `regress`。",
    ),
    "imported.no_file": (
        "There is no model {path!r} in {folder}. Expected a path beside the channel file.",
        "{folder} 中没有模型 {path!r}。路径应相对于渠道文件所在的文件夹。",
    ),
    "imported.wrong_digest": (
        "The model {path!r} is not the one that the channel means: its SHA-256 digest is "
        "{received}, expected {expected}. Put the right file there, or change `sha256`.",
        "模型 {path!r} 不是渠道所指的那一个：其 SHA-256 摘要为 {received}，应为 {expected}。"
        "请放入正确的文件，或修改 `sha256`。",
    ),
    "imported.pickle_inside": (
        "{path!r} is a pickle or holds one: reading it would run code that somebody put there. "
        "Expected a file without code. Write it anew where you trust it: `{instead}`.",
        "{path!r} 是 pickle 文件或内含 pickle：读取它会运行别人写进去的代码。应为不含代码的文件。"
        "请在可信的环境中重新保存：`{instead}`。",
    ),
    "imported.pickle": (
        "{path!r} is no skops file. A pickle or joblib file runs code when it is read, so it is "
        "read only with `pickle: true` and its `sha256`. If you know who wrote this file: "
        "`sha256: {digest}`. Better: `skops.io.dump(model, 'model.skops')`.",
        "{path!r} 不是 skops 文件。读取 pickle 或 joblib 文件会运行其中的代码，因此只有同时写明 "
        "`pickle: true` 和 `sha256` 才会读取。若确知此文件出自何人：`sha256: {digest}`。"
        "更好的办法：`skops.io.dump(model, 'model.skops')`。",
    ),
    "imported.legacy_keras": (
        "{path!r} is of Keras' old form, which may hold code that runs when it is read. Expected "
        "`.keras`: `keras.saving.load_model(path).save('model.keras')` where you trust it.",
        "{path!r} 是 Keras 的旧格式，其中可能含有读取时会运行的代码。应为 `.keras`："
        "请在可信的环境中执行 `keras.saving.load_model(path).save('model.keras')`。",
    ),
    "imported.untrusted": (
        "The skops file {path!r} wants to make objects of types that skops does not know: {names}. "
        "If you know them, list them under `trusted`.",
        "skops 文件 {path!r} 要创建 skops 不认识的类型：{names}。若确认可信，请列在 `trusted` 中。",
    ),
    "imported.not_a_model": (
        "{path!r} cannot be read as {what}: {problem}.",
        "{path!r} 无法作为 {what} 读取：{problem}。",
    ),
    "imported.other_form": (
        "The {what} model {path!r} is of a form that cannot be written as a graph: {received}. "
        "Expected one of {expected}. Export it to ONNX yourself and bring `{{onnx: …}}`.",
        "{what} 模型 {path!r} 的形式无法写成计算图：{received}。应为其中之一：{expected}。"
        "请自行导出为 ONNX，再写 `{{onnx: …}}`。",
    ),
    "imported.other_estimator": (
        "{path!r} holds {received}, which does not do the task {task!r}. Expected a scikit-learn "
        "estimator or pipeline for it.",
        "{path!r} 中是 {received}，不能完成任务 {task!r}。应为适用于该任务的 scikit-learn "
        "估计器或流水线。",
    ),
    "imported.no_converter": (
        "{library} cannot write {path!r} as a graph: {problem}. Export it to ONNX yourself and "
        "bring `{{onnx: …}}`.",
        "{library} 无法把 {path!r} 写成计算图：{problem}。请自行导出为 ONNX，再写 `{{onnx: …}}`。",
    ),
    "imported.no_module": (
        "The module {module!r} for {path!r} cannot be made: {problem}. Expected "
        "`module: file:Class`, a torch.nn.Module in a Python file beside the channel file, and "
        "what it is called with under `arguments`.",
        "{path!r} 所需的模块 {module!r} 无法创建：{problem}。应写 `module: 文件:类`，"
        "即渠道文件旁 Python 文件中的 torch.nn.Module，参数写在 `arguments` 中。",
    ),
    "imported.other_weights": (
        "The weights {path!r} are not those of {module}: {problem} (`-` is missing in the file, "
        "`+` is only there). Check `arguments`.",
        "权重 {path!r} 与 {module} 不符：{problem}（`-` 表示文件中缺少，`+` 表示文件中多出）。"
        "请检查 `arguments`。",
    ),
    "imported.module_fails": (
        "{module} with the weights {path!r} cannot read rows of the shape {shape}: {problem}. "
        "State `columns`, or the `layout` of pictures.",
        "{module}（权重 {path!r}）无法读取形状为 {shape} 的数据：{problem}。"
        "请写明 `columns`，或图片的 `layout`。",
    ),
    "imported.module_answer": (
        "{module} with the weights {path!r} answers with {received}. Expected one tensor.",
        "{module}（权重 {path!r}）的输出是 {received}，应为一个张量。",
    ),
    "imported.weights_aside": (
        "The graph {path!r} keeps its weights in another file ({name}). Expected one file: "
        "`onnx.save_model(onnx.load(path), path, save_as_external_data=False)`.",
        "计算图 {path!r} 的权重存放在另一个文件中（{name}）。应为单个文件："
        "`onnx.save_model(onnx.load(path), path, save_as_external_data=False)`。",
    ),
    "imported.custom_operators": (
        "The graph {path!r} uses operators that only its author has: {names}. Expected those of "
        "ONNX and ai.onnx.ml.",
        "计算图 {path!r} 使用了只有作者才有的算子：{names}。应只用 ONNX 和 ai.onnx.ml 的算子。",
    ),
    "imported.new_operators": (
        "The graph {path!r} is of operator set {received}; the newest known here is {expected}. "
        "Export it again with `opset_version=18`.",
        "计算图 {path!r} 的算子集版本为 {received}，此处最新支持 {expected}。"
        "请以 `opset_version=18` 重新导出。",
    ),
    "imported.old_operators": (
        "The graph {path!r} is of operator set {received} and cannot be brought to {expected}: "
        "{problem}. Export it again with `opset_version=18`.",
        "计算图 {path!r} 的算子集版本为 {received}，无法转换到 {expected}：{problem}。"
        "请以 `opset_version=18` 重新导出。",
    ),
    "imported.cannot_run": (
        "ONNX Runtime cannot run {path!r}: {problem}. Expected a graph that answers any number of "
        "rows; export it with a free batch size.",
        "ONNX Runtime 无法运行 {path!r}：{problem}。计算图应能回答任意行数；导出时请让批大小可变。",
    ),
    "imported.other_input": (
        "The input {name!r} of {path!r} is no tensor of numbers or text.",
        "{path!r} 的输入 {name!r} 不是数值或文本张量。",
    ),
    "imported.many_inputs": (
        "{path!r} has several inputs that are more than one column each: {names}. Expected one "
        "tensor, or one input per column.",
        "{path!r} 有多个输入，且不止一列：{names}。应为一个张量，或每列一个输入。",
    ),
    "imported.which_output": (
        "Which output of {path!r} answers is not clear: {names}. Expected label and probabilities, "
        "or one output. Say `output: labels` where labels are all there is.",
        "{path!r} 的哪个输出是答案并不明确：{names}。应为标签加概率，或仅一个输出。"
        "若只有标签，请写 `output: labels`。",
    ),
    "imported.which_meaning": (
        "What the numbers of {path!r} mean is not clear: they lie between 0 and 1 and sum to "
        "{low:.3g} … {high:.3g} a row. Say `output: probabilities` or `output: logits`.",
        "{path!r} 的输出含义不明确：数值都在 0 与 1 之间，每行之和为 {low:.3g} … {high:.3g}。"
        "请写 `output: probabilities` 或 `output: logits`。",
    ),
    "imported.output_task": (
        "`output: {output}` of {path!r} does not fit the task {task!r}. Expected {expected}.",
        "{path!r} 的 `output: {output}` 不适合任务 {task!r}。应为 {expected}。",
    ),
    "imported.many_values": (
        "{path!r} says {received} numbers a row. Expected one value for the task `regress`.",
        "{path!r} 每行输出 {received} 个数。任务 `regress` 应为一个数值。",
    ),
    "imported.class_count": (
        "{path!r} answers with {received} classes, but there are {expected}: {names}. Name the "
        "model's classes in their order under `classes`.",
        "{path!r} 输出 {received} 个类别，而这里有 {expected} 个：{names}。"
        "请在 `classes` 中按顺序写明模型的类别。",
    ),
    "imported.other_classes": (
        "{path!r} answers with the classes {received}; those of the target are {expected}. Name "
        "the model's outputs as the target does, in their order, under `classes`.",
        "{path!r} 的类别是 {received}，而目标列的类别是 {expected}。"
        "请在 `classes` 中按顺序用目标列的叫法写明模型的各个输出。",
    ),
    "imported.no_column": (
        "{path!r} reads columns that are not among the features: {names}. Features: {received}. "
        "State under `columns` which they are, in the model's order; `name=level` is one level.",
        "{path!r} 要读取的列不在特征中：{names}。现有特征：{received}。"
        "请在 `columns` 中按模型的顺序写明；`列=取值` 表示某个取值。",
    ),
    "imported.other_kind": (
        "{path!r} cannot read the column {column!r}, which is {kind}. Expected {expected}. State "
        "the model's `columns`, or `data.kinds`.",
        "{path!r} 无法读取列 {column!r}，它是 {kind}。应为 {expected}。"
        "请写明模型的 `columns`，或设置 `data.kinds`。",
    ),
    "imported.width": (
        "{path!r} reads {expected} numbers a row; the columns make {received}: {names}. State "
        "under `columns` which it reads, in its order; categories may be `one_hot`.",
        "{path!r} 每行读取 {expected} 个数，而这些列共有 {received} 个：{names}。"
        "请在 `columns` 中按顺序写明它读取哪些列；类别列可用 `one_hot`。",
    ),
    "imported.shape": (
        "{path!r} reads pictures of {expected}; those of the data are {received}. State the "
        "`layout`, or bring pictures of that size.",
        "{path!r} 读取 {expected} 的图片，而数据是 {received}。请写明 `layout`，"
        "或提供该尺寸的图片。",
    ),
    "imported.one_picture": (
        "{path!r} reads a picture and other columns: {received}. Expected one column of pictures "
        "alone; name it under `columns`.",
        "{path!r} 同时读取图片和其他列：{received}。应只有一列图片；请在 `columns` 中写明。",
    ),
    "imported.numbers": (
        "`{option}` of {path!r} holds {received} numbers. Expected {expected}.",
        "{path!r} 的 `{option}` 有 {received} 个数，应为 {expected} 个。",
    ),
    "imported.zero_scale": (
        "`scale` of {path!r} is 0 somewhere. Expected numbers to divide by.",
        "{path!r} 的 `scale` 含有 0。应为可作除数的数。",
    ),
    "imported.scaled_apart": (
        "{path!r} reads each column by itself, so `mean` and `scale` cannot be applied before it. "
        "Leave them out, or put the scaling into the model.",
        "{path!r} 逐列读取，因此不能在它之前应用 `mean` 和 `scale`。"
        "请去掉它们，或把缩放放进模型里。",
    ),
    "imported.differs": (
        "The graph of {path!r} answers otherwise than {library}: by {worst:.3g} on {rows} rows. "
        "At most {limit:g} is taken over. Export it to ONNX yourself and compare.",
        "{path!r} 的计算图与 {library} 的回答不同：在 {rows} 行上相差 {worst:.3g}，"
        "最多允许 {limit:g}。请自行导出为 ONNX 并比较。",
    ),
    "imported.rows_differ": (
        "{path!r} answers a row otherwise alone than among others: by {worst:.3g}, at most "
        "{limit:g} is taken over. Export it in evaluation mode, with a free batch size.",
        "{path!r} 对单独一行的回答与同其他行一起时不同：相差 {worst:.3g}，最多允许 {limit:g}。"
        "请在评估模式下导出，并让批大小可变。",
    ),
    "imported.reason": (
        "imported, not trained here (sha256 {digest}); it may have seen these rows",
        "引入的模型，并非在此训练（sha256 {digest}）；它可能见过这些数据",
    ),
    "imported.note_came": (
        "Imported, not trained here: {format} {path!r}, sha256 {digest}. On {rows} rows its graph "
        "and its library differ by {difference:.1e} at most.",
        "引入的模型，并非在此训练：{format} {path!r}，sha256 {digest}。"
        "在 {rows} 行上，其计算图与原来的库最多相差 {difference:.1e}。",
    ),
    "imported.note_scored": (
        "Scored on the {rows} rows that are not test rows. Whether the model saw them where it was "
        "trained is not known here; then only the test rows count, and only if it did not see "
        "those.",
        "得分取自测试数据以外的 {rows} 行。模型训练时是否见过这些数据，这里无从得知；"
        "若见过，则只有测试数据作数，且前提是它没有见过测试数据。",
    ),
    "imported.note_order": (
        "The model does not say which columns it reads; they are given in the order of the data: "
        "{names}.",
        "模型没有说明读取哪些列；按数据中的顺序提供：{names}。",
    ),
    "imported.note_levels": (
        "The codes of {column!r} are taken in sorted order: {levels}.",
        "{column!r} 的编码按排序后的顺序：{levels}。",
    ),
    "imported.note_classes": (
        "The model does not name its classes; its outputs are taken in this order: {names}.",
        "模型没有给出类别名称；其输出按此顺序对应：{names}。",
    ),
    "imported.note_second": (
        "The model says one number between 0 and 1: it is taken as the probability of the second "
        "class.",
        "模型只输出一个 0 到 1 之间的数：视为第二个类别的概率。",
    ),
    "imported.note_logits": (
        "The model's numbers lie between {low:.3g} and {high:.3g}: they are taken as logits.",
        "模型输出的数值在 {low:.3g} 与 {high:.3g} 之间：视为 logits。",
    ),
    "imported.note_unknown": (
        "The model does not know these classes of the target, and never answers with them: "
        "{names}.",
        "目标列的这些类别模型并不认识，因此绝不会给出：{names}。",
    ),
    "imported.note_unseen": (
        "The model has no answer for a text that it never saw: the commonest one takes its place.",
        "模型无法回答从未见过的文本：以最常见的取值代替。",
    ),
    "imported.note_filled": (
        "The model cannot read missing values; the median of the training rows takes their place "
        "in: {names}.",
        "模型无法读取缺失值；以下各列以训练数据的中位数代替：{names}。",
    ),
    "imported.why_govern": (
        "an imported model reads the columns as they are",
        "引入的模型按原样读取各列",
    ),
    "imported.why_not_trained": (
        "the model is imported, not trained here",
        "模型是引入的，不在此训练",
    ),
}
