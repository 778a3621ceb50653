"""One line about every operator."""

MESSAGES: dict[str, tuple[str, str]] = {
    "catalogue.operators_contract": (
        "Judge what was promised about the data, all rules in one pass over the table.",
        "检验对数据的约定，所有规则一次扫描完成。",
    ),
    "catalogue.operators_dedupe": (
        "Set later copies of a row aside, media by content; report near copies of texts and "
        "images, or set them aside, too.",
        "去掉重复行（保留第一份），图像等媒体按内容比较；文本和图像的近似重复可报告，也可去掉。",
    ),
    "catalogue.operators_conflicts": (
        "Find rows with equal features and different labels; report them or set them aside.",
        "找出特征相同而标签不同的行；可只报告，也可去掉。",
    ),
    "catalogue.operators_impute": (
        "Fill missing values; the fill travels inside the release.",
        "填补缺失值；填充值随发布一起走。",
    ),
    "catalogue.operators_outliers": (
        "Report, mark or clip numbers far from the rest; limits come from training rows.",
        "对离群的数值报告、标记或截断；界限只由训练行得出。",
    ),
    "catalogue.operators_clean_categories": (
        "Merge spellings of one category value; the map travels.",
        "合并同一类别的不同写法；对照表随发布走。",
    ),
    "catalogue.operators_standardise": (
        "Bring units, dates and text forms of a column to one; travels.",
        "统一一列中的单位、日期和文字写法；随发布走。",
    ),
    "catalogue.operators_drop_constant": (
        "Leave features with only one value out of the model; travels.",
        "不让只有一个值的特征进入模型；随发布走。",
    ),
    "catalogue.operators_drop_ids": (
        "Leave columns that look like identifiers out of the model; travels.",
        "不让形似编号的列进入模型；随发布走。",
    ),
    "catalogue.operators_mask": (
        "Hide direct personal data (Chinese and English); outlets mask alike.",
        "遮蔽直接的个人信息（中英文）；出口处同样遮蔽。",
    ),
    "catalogue.operators_generalise": (
        "Make columns such as age, sex and postcode coarser until k rows are equal in them.",
        "把年龄、性别、邮编等列泛化，直到每组至少有 k 行相同。",
    ),
    "catalogue.operators_strip_metadata": (
        "Take who, where and when out of pictures and DICOM files; pixels stay as they are.",
        "去掉图片和 DICOM 文件里的人物、地点、时间等元数据；像素不变。",
    ),
    "catalogue.operators_find_label_errors": (
        "Rank labels that an unseen-row model and the nearest rows both doubt.",
        "找出可疑标签：没见过该行的模型和最近邻都不认同的，排在前面。",
    ),
    "catalogue.operators_image_resize": (
        "Brings pictures to one size: stretched, padded or cut; at prediction too.",
        "把图片统一到同一尺寸：拉伸、补边或裁切；预测时同样处理。",
    ),
    "catalogue.operators_image_crop": (
        "Keeps one part of every picture: the middle, a box, or all but an empty margin.",
        "保留每张图的同一部分：中间、指定的框，或去掉空白边缘后的部分。",
    ),
    "catalogue.operators_image_rotate": (
        "Turns every picture by one angle; at prediction too.",
        "把每张图旋转同一角度；预测时同样处理。",
    ),
    "catalogue.operators_image_flip": (
        "Mirrors every picture; at prediction too.",
        "把每张图翻转；预测时同样处理。",
    ),
    "catalogue.operators_image_colour": (
        "Grey or colour, stretched or evened contrast, inverted; at prediction too.",
        "转灰度或彩色，拉伸或均衡对比度，反相；预测时同样处理。",
    ),
    "catalogue.operators_image_normalise": (
        "Brings pixels to a common scale; at prediction too.",
        "把像素值变到统一尺度；预测时同样处理。",
    ),
    "catalogue.operators_audio_resample": (
        "Brings recordings to one rate and one channel; at prediction too.",
        "把录音统一到同一采样率和单声道；预测时同样处理。",
    ),
    "catalogue.operators_audio_loudness": (
        "Brings recordings to one loudness (ITU-R BS.1770); at prediction too.",
        "把录音统一到同一响度（ITU-R BS.1770）；预测时同样处理。",
    ),
    "catalogue.operators_audio_denoise": (
        "Lowers steady noise with a spectral gate; at prediction too.",
        "用谱门降低稳态噪声；预测时同样处理。",
    ),
    "catalogue.operators_audio_trim": (
        "Cuts off the silence before and after; at prediction too.",
        "裁去首尾静音；预测时同样处理。",
    ),
    "catalogue.operators_log_mel": (
        "Makes a log-mel picture of each recording; at prediction too.",
        "把每段录音变成对数梅尔图；预测时同样处理。",
    ),
    "catalogue.operators_augment_audio": (
        "Adds training recordings with noise, moved in time, slower or faster.",
        "生成加噪、时移、变速的训练录音。",
    ),
    "catalogue.operators_cutmix": (
        "Adds pictures with a box of another picture, with both their answers.",
        "把另一张图的一块贴入训练图，生成新图，并带上两者的标签。",
    ),
    "catalogue.operators_augment_image": (
        "Adds training pictures that are moved, turned, scaled, mirrored or lit otherwise.",
        "生成平移、旋转、缩放、翻转或改变明暗的训练图。",
    ),
    "catalogue.operators_augment_text": (
        "Adds training texts with words swapped, left out, replaced or mistyped.",
        "生成交换、删去、替换或误写若干词的训练文本。",
    ),
    "catalogue.operators_mixup": (
        "Adds rows between two training rows, with both their answers.",
        "在两行训练数据之间生成新行，并带上两者的标签。",
    ),
    "catalogue.operators_normalise_text": (
        "Write texts in one way: Unicode form, width, blanks, markup, addresses.",
        "统一文本写法：Unicode 形式、全半角、空白、HTML 标记、网址与邮箱。",
    ),
    "catalogue.operators_convert_chinese": (
        "Simplified Chinese to traditional and back, by words.",
        "简繁转换（按词转换）。",
    ),
    "catalogue.operators_detect_language": (
        "Say which language a text is in, or mark rows in other languages.",
        "识别文本的语言，或标记其他语言的行。",
    ),
    "catalogue.operators_segment": (
        "Cut Chinese and English texts into words.",
        "中英文分词，可带自己的词典。",
    ),
    "catalogue.operators_pos_tags": (
        "Tag Chinese words with parts of speech, or keep only some of them.",
        "给中文词标注词性，或只保留某些词性的词。",
    ),
    "catalogue.operators_stop_words": (
        "Take out words that say nothing of the subject.",
        "去掉与主题无关的停用词。",
    ),
    "catalogue.operators_split_sentences": (
        "Count sentences, or keep only the first and last ones.",
        "统计句数，或只保留开头、结尾的几句。",
    ),
    "catalogue.operators_text_features": (
        "Turn a text into a vector: TF-IDF or hashed counts.",
        "把文本变成向量：TF-IDF 或哈希计数。",
    ),
    "catalogue.operators_reweigh": (
        "Weigh training rows so that the target no longer depends on a protected column.",
        "给训练行加权，使目标不再依赖某个受保护的列。",
    ),
    "catalogue.operators_repair_encoding": (
        "Undo text read in the wrong encoding (UTF-8, GBK, Latin-1), only where certain; travels.",
        "修复按错误编码读入的文字（UTF-8、GBK、Latin-1），只改确定无疑的；随发布走。",
    ),
    "catalogue.operators_balance": (
        "Give rare classes more weight or rows while fitting: weights, over, under, SMOTE.",
        "训练时给稀少类别更大的权重或更多的行：加权、过采样、欠采样、SMOTE。",
    ),
    "catalogue.operators_made_rows": (
        "Adds training rows of rare classes that a generator makes, which learns in each fit.",
        "为稀少类别补充生成的训练行：生成器在每次训练中从训练部分学习。",
    ),
}
