"""One line about every source, check, driver and action."""

MESSAGES: dict[str, tuple[str, str]] = {
    # Sources
    "catalogue.sources_csv": (
        "CSV or TSV: one file, several behind a pattern, or one behind a URL.",
        "CSV 或 TSV：单个文件、通配路径下的多个文件，或一个 URL。",
    ),
    "catalogue.sources_parquet": (
        "Parquet: one file, or several with the same columns behind a pattern.",
        "Parquet：单个文件，或通配路径下列相同的多个文件。",
    ),
    "catalogue.sources_jsonl": (
        "JSON lines: one object per line, plain or compressed.",
        "JSON Lines：每行一个 JSON 对象，可压缩。",
    ),
    "catalogue.sources_json": (
        "A JSON file: an array of objects, or an object of columns.",
        "JSON 文件：由对象组成的数组，或由列组成的对象。",
    ),
    "catalogue.sources_excel": (
        "A spreadsheet: .xlsx, .xlsm, .xlsb, .xls or .ods; one sheet or all of them.",
        "电子表格：.xlsx、.xlsm、.xlsb、.xls 或 .ods；读取一个或全部工作表。",
    ),
    "catalogue.sources_arrow": (
        "Arrow IPC files and streams, such as Feather.",
        "Arrow IPC 文件和流，如 Feather。",
    ),
    "catalogue.sources_sql": (
        "A table or a SELECT of a database, opened read-only where possible.",
        "数据库中的一张表或一条 SELECT，能只读打开的就只读打开。",
    ),
    "catalogue.sources_dicom": (
        "DICOM files in a folder: one row each, with chosen tags and the picture.",
        "文件夹中的 DICOM 文件：每个一行，含所选标签和图像。",
    ),
    "catalogue.sources_images": (
        "Pictures in a folder or archive, labelled by subfolder or by a table.",
        "文件夹或归档中的图像，按子文件夹或标签表标注。",
    ),
    "catalogue.sources_coco": (
        "Pictures with boxes in the form of COCO: one JSON file.",
        "带框的图像，COCO 格式：一个 JSON 文件。",
    ),
    "catalogue.sources_yolo": (
        "Pictures with boxes in the form of YOLO: a text for each picture.",
        "带框的图像，YOLO 格式：每幅图像一个文本文件。",
    ),
    "catalogue.sources_audio": (
        "Recordings in a folder or archive, labelled by subfolder or by a table.",
        "文件夹或归档中的录音，按子文件夹或标签表标注。",
    ),
    "catalogue.sources_texts": (
        "Text files in a folder or archive, one row each, labelled by subfolder or by a table.",
        "文件夹或归档中的文本文件，每个一行，按子文件夹或标签表标注。",
    ),
    "catalogue.sources_folder": (
        "A folder or archive, local or behind a URL, read by what it holds.",
        "本地或 URL 处的文件夹或归档，按其内容读取。",
    ),
    "catalogue.sources_asset": (
        "A real data set by name, from the package that holds it, checked by its digest.",
        "按名称取用的真实数据集，来自其所在的软件包，按摘要核对。",
    ),
    "catalogue.sources_sklearn": (
        "A data set that scikit-learn ships: digits, breast_cancer, diabetes, wine, iris.",
        "scikit-learn 自带的数据：digits、breast_cancer、diabetes、wine、iris。",
    ),
    "catalogue.sources_environment": (
        "An environment that a baseline policy walks: one row for each step.",
        "由基准策略走一遍的环境：每一步一行。",
    ),
    "catalogue.sources_package": (
        "A data file inside an installed Python package, read without importing it.",
        "已安装的 Python 包里的数据文件，读取时不导入该包。",
    ),
    "catalogue.sources_frame": (
        "Rows in memory: pandas, Polars, Arrow, Hugging Face datasets, a list of dicts, a dict of "
        "columns.",
        "内存中的数据：pandas、Polars、Arrow、Hugging Face datasets、字典列表或按列的字典。",
    ),
    # Checks
    "catalogue.checks_quality": (
        "Score the training rows; each score with formula, rows and interval.",
        "给训练数据打分；每个分数都附公式、行数和区间。",
    ),
    "catalogue.checks_data": (
        "Score the rows of a window as the training rows were scored.",
        "用给训练数据打分的同一办法，给使用中一个窗口的数据打分。",
    ),
    "catalogue.checks_leakage": (
        "Look for test rows that were trained on and columns that give the answer away.",
        "检查测试行是否已在训练中出现、是否有列泄露了答案。",
    ),
    "catalogue.checks_anonymity": (
        "Measure k-anonymity, l-diversity and t-closeness of columns that may tell people apart.",
        "在可能区分个人的列上度量 k-匿名、l-多样性和 t-接近度。",
    ),
    "catalogue.checks_associations": (
        "Find pairs of columns of which one nearly tells the other.",
        "找出彼此几乎可以互相推知的成对列。",
    ),
    "catalogue.checks_metrics": (
        "Score the answers on rows that were never used for fitting or choosing.",
        "在从未用于训练或挑选的行上给回答打分。",
    ),
    "catalogue.checks_generated": (
        "Made rows beside real ones: can they be told apart, of use, copies, near, various.",
        "生成数据与真实数据并列：能否区分、有无用处、副本、过近、多样性。",
    ),
    "catalogue.checks_efficiency": (
        "Time the model on real rows; size, memory, cost of training.",
        "在真实数据上计时；体积、内存、训练开销。",
    ),
    "catalogue.checks_fairness": (
        "The largest gap between groups of each protected column.",
        "每个受保护的列，各群体之间的最大差距。",
    ),
    "catalogue.checks_robustness": (
        "What is lost when inputs are slightly corrupted.",
        "输入轻微受损时会损失多少。",
    ),
    "catalogue.checks_calibration": (
        "Whether answers given with 90 % confidence are right 90 % of the time.",
        "说有九成把握的回答，是否真有九成正确。",
    ),
    "catalogue.checks_importance": (
        "What is lost when one column (or a block of a picture) is shuffled.",
        "打乱一列（或图像的一块）会损失多少。",
    ),
    "catalogue.checks_slices": (
        "Parts of the test rows, by one or two columns, that are answered worse than the rest.",
        "测试数据中由一两列划出的、回答明显更差的子群。",
    ),
    "catalogue.checks_drift": (
        "Whether live rows differ from those of the release; false alarms are bounded.",
        "线上数据是否偏离发布时的数据；误报率有上限。",
    ),
    "catalogue.checks_performance": (
        "Accuracy in use against accuracy at release; estimated without labels.",
        "使用中的准确率与发布时相比；没有标签时给出估计。",
    ),
    "catalogue.checks_off_policy": (
        "what a policy would have earned in logged decisions: IPS, SNIPS, DM and DR",
        "策略在决策记录中本可得到多少：IPS、SNIPS、DM 与 DR",
    ),
    "catalogue.checks_policy": (
        "What a policy brings over fresh episodes, beside its baselines; unsafe steps.",
        "策略在新回合上的回报，与各基准相比；以及不安全的步骤。",
    ),
    "catalogue.checks_latency": (
        "Latency percentiles and error rate that the outlet counted.",
        "出口统计的延迟分位数与错误率。",
    ),
    # Drivers
    "catalogue.formats_onnx": (
        "an ONNX file: one tensor of all columns, or one input per column",
        "ONNX 文件：所有列组成一个张量，或每列一个输入",
    ),
    "catalogue.formats_torch": (
        "a PyTorch module of your own: its class by a dotted path, its weights as safetensors",
        "自己的 PyTorch 模块：类以点分路径写明，权重为 safetensors",
    ),
    "catalogue.formats_huggingface": (
        "a folder of Hugging Face with a trained classifier or regressor of texts or pictures",
        "Hugging Face 的文件夹，内有训练好的文本或图像分类（回归）模型",
    ),
    "catalogue.formats_keras": (
        "a Keras 3 model as a `.keras` file, or the folder of a TensorFlow SavedModel",
        "Keras 3 的 `.keras` 文件，或 TensorFlow SavedModel 文件夹",
    ),
    "catalogue.formats_sklearn": (
        "a scikit-learn estimator or pipeline as a skops file; pickles only with their digest",
        "scikit-learn 的估计器或流水线，存为 skops 文件；pickle 必须写明摘要",
    ),
    "catalogue.formats_lightgbm": (
        "a LightGBM booster as the text file that it writes",
        "LightGBM 的 booster，即它写出的文本文件",
    ),
    "catalogue.formats_xgboost": (
        "an XGBoost booster as the JSON or UBJSON file that it writes",
        "XGBoost 的 booster，即它写出的 JSON 或 UBJSON 文件",
    ),
    "catalogue.formats_catboost": (
        "a CatBoost model of symmetric trees on numbers, as the file that it writes",
        "CatBoost 对数值列的对称树模型，即它写出的文件",
    ),
    "catalogue.drivers_local": (
        "Answers inside the calling process, without a server.",
        "在调用者的进程内作答，不开服务。",
    ),
    "catalogue.drivers_server": (
        "An HTTP server on this machine: JSON rows, Open Inference Protocol V2, keys, quotas.",
        "本机的 HTTP 服务：JSON 行、Open Inference Protocol V2、密钥与限额。",
    ),
    # Actions
    "catalogue.actions_notify": (
        "Write a warning to the log, and post it to a web hook if one is declared.",
        "写一条警告日志；声明了 webhook 就同时发送。",
    ),
    "catalogue.actions_block": (
        "Block the release; in use, stop the channel until a person decides.",
        "拦下发布；使用中则停止渠道，直到有人决定。",
    ),
    "catalogue.actions_fallback": (
        "Let the release that was live before answer again.",
        "让之前在用的发布重新应答。",
    ),
    "catalogue.actions_rollback": (
        "Go back to the release before, and retire the one that answered.",
        "退回之前的发布，并让当前的退役。",
    ),
    "catalogue.actions_promote": (
        "Ask for the next step of the release on its way into use, as far as the evidence goes.",
        "请求让正在投入的发布走下一步，走多远由证据决定。",
    ),
    "catalogue.actions_retrain": (
        "Ask for a new run; `lingqu respond` carries it out, through the same gate.",
        "请求重新训练；由 `lingqu respond` 执行，照样要过关。",
    ),
    "catalogue.actions_reweigh": (
        "At the gate: weigh the training rows and try once more.",
        "在关口：给训练行加权后再试一次。",
    ),
}
