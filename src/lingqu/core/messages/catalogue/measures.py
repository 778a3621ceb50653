"""One line about every measure."""

MESSAGES: dict[str, tuple[str, str]] = {
    "catalogue.measure_return": (
        "Mean sum of the rewards of an episode.",
        "一个回合中回报之和的平均值。",
    ),
    "catalogue.measure_return_worst": (
        "The smallest return of an episode.",
        "各回合中最小的回报。",
    ),
    "catalogue.measure_return_baseline": (
        "Mean return of a baseline over the same episodes.",
        "某个基准在同样回合上的平均回报。",
    ),
    "catalogue.measure_return_gain": (
        "How much more the policy brings than a baseline, episode by episode.",
        "策略比某个基准多出的回报，逐回合相减。",
    ),
    "catalogue.measure_episode_length": (
        "Mean steps of an episode.",
        "一个回合的平均步数。",
    ),
    "catalogue.measure_unsafe_rate": (
        "Share of steps that the environment calls unsafe, or that were not allowed.",
        "环境称为不安全、或本不可用的步骤所占比例。",
    ),
    "catalogue.measure_masked_rate": (
        "Share of actions that were not open to the policy.",
        "不对策略开放的动作所占比例。",
    ),
    "catalogue.measure_data_completeness": (
        "Share of cells that are filled, from the data document; in use, of a window.",
        "已填写的单元格比例，取自数据文档；使用中为一个窗口的比例。",
    ),
    "catalogue.measure_data_validity": (
        "Share of rows in which every value is valid for its column; in use, of a window.",
        "各列取值都合乎要求的行的比例；使用中为一个窗口的比例。",
    ),
    "catalogue.measure_data_uniqueness": (
        "Share of rows that are not copies; in use, of a window.",
        "不是重复的行的比例；使用中为一个窗口的比例。",
    ),
    "catalogue.measure_data_consistency": (
        "Share of training rows without a contradicting label or spelling.",
        "标签和写法都没有自相矛盾的训练行的比例。",
    ),
    "catalogue.measure_data_timeliness": (
        "Share of training rows young enough; unknown without a time column.",
        "足够新的训练行的比例；没有时间列则为未知。",
    ),
    "catalogue.measure_data_diversity": (
        "Evenness of the training rows, from entropy or similarity.",
        "训练数据的均匀程度，由熵或相似度得出。",
    ),
    "catalogue.measure_data_representativeness": (
        "How well the training rows stand for the declared groups, else for the test rows.",
        "训练数据对所声明群体的代表程度；未声明时与测试行相比。",
    ),
    "catalogue.measure_data_authenticity": (
        "Share of the facts about the source that are declared.",
        "数据来源事实中已声明的比例。",
    ),
    "catalogue.measure_data_broken_rules": (
        "Rules of the contract that fail, of any severity; in use, those about single rows.",
        "不合格的约定条数，不论轻重；使用中只计针对单行的规则。",
    ),
    "catalogue.measure_data_residual_pii": (
        "Share of cells with direct personal data left in the worst column; names inside "
        "sentences do not count.",
        "残留直接个人数据最多的一列中，含个人数据的单元格比例；句子里的人名不计。",
    ),
    "catalogue.measure_data_leakage": (
        "Findings of leakage that fail, between training and test rows or of one column.",
        "不合格的泄露项数：训练行与测试行之间，或某一列泄露答案。",
    ),
    "catalogue.measure_data_overlap": (
        "Largest share of test rows that training rows repeat: equal, alike, or of one group.",
        "在训练行中有相同、相近或同组行的测试行所占的最大比例。",
    ),
    "catalogue.measure_data_label_errors": (
        "Share of the labels that `find_label_errors` doubts.",
        "被 `find_label_errors` 怀疑的标签比例。",
    ),
    "catalogue.measure_data_drop": (
        "A score of the training rows less that of the window, over the same inputs: "
        "`completeness`, `validity`, `uniqueness`.",
        "训练数据的分数减去窗口的分数，所用输入列相同：`completeness`、`validity`、`uniqueness`。",
    ),
    "catalogue.measure_contract_failures": (
        "Rows that break a rule of the contract.",
        "违反某条约定的行数。",
    ),
    "catalogue.measure_privacy_found": (
        "Share of cells in which direct personal data is left.",
        "仍含直接个人信息的单元格比例。",
    ),
    "catalogue.measure_anonymity_k": (
        "Size of the smallest group of rows that are equal in the quasi-identifiers.",
        "准标识列取值完全相同的行，其最小一组的行数。",
    ),
    "catalogue.measure_anonymity_unique": (
        "Share of rows that are alone in their group.",
        "独自成组的行所占比例。",
    ),
    "catalogue.measure_anonymity_l": (
        "Fewest distinct values of a sensitive column in a group.",
        "各组中敏感列不同取值的最少个数。",
    ),
    "catalogue.measure_anonymity_l_entropy": (
        "Smallest effective number of values of a sensitive column in a group.",
        "各组中敏感列的最小有效取值数（熵的指数）。",
    ),
    "catalogue.measure_anonymity_t": (
        "Largest distance between a group's sensitive values and those of all rows, 0 to 1.",
        "各组敏感值分布与全体分布的最大距离，0 到 1。",
    ),
    "catalogue.measure_quality_completeness": (
        "Share of cells that are filled.",
        "已填写的单元格比例。",
    ),
    "catalogue.measure_quality_validity": (
        "Share of rows in which every value is valid for its column.",
        "各列取值都合乎要求的行的比例。",
    ),
    "catalogue.measure_quality_uniqueness": (
        "Share of rows that are not copies.",
        "不是重复的行的比例。",
    ),
    "catalogue.measure_quality_consistency": (
        "Share of rows without a contradicting label or spelling.",
        "标签和写法都没有自相矛盾的行的比例。",
    ),
    "catalogue.measure_quality_timeliness": (
        "Share of rows young enough; unknown without a time column.",
        "足够新的行的比例；没有时间列则为未知。",
    ),
    "catalogue.measure_quality_diversity": (
        "Evenness of the values, from entropy.",
        "取值的均匀程度，由熵得出。",
    ),
    "catalogue.measure_quality_representativeness": (
        "How alike training and test rows are.",
        "训练行与测试行的相似程度。",
    ),
    "catalogue.measure_quality_authenticity": (
        "Share of the facts about the source that are declared.",
        "数据来源事实中已声明的比例。",
    ),
    "catalogue.measure_quality_column": (
        "Share of a column's cells that are filled and valid.",
        "一列中已填写且有效的单元格比例。",
    ),
    "catalogue.measure_leakage_exact": (
        "Share of test rows that are also training rows.",
        "同时出现在训练集中的测试行比例。",
    ),
    "catalogue.measure_leakage_near": (
        "Share of test rows that nearly are training rows.",
        "与训练行几乎相同的测试行比例。",
    ),
    "catalogue.measure_leakage_time": (
        "Share of test rows that are earlier than the last training row (of their series, where "
        "`data.group` names series).",
        "早于最后一条训练数据的测试行所占比例（以 `data.group` 区分序列时，各与本序列相比）。",
    ),
    "catalogue.measure_leakage_group": (
        "Share of test rows whose group was trained on.",
        "所属分组已在训练中出现的测试行比例。",
    ),
    "catalogue.measure_leakage_target": (
        "ROC AUC (or R²) of one column alone: near 1 means it gives the answer away.",
        "单独一列的 ROC AUC（或 R²）：接近 1 说明它泄露了答案。",
    ),
    "catalogue.measure_associations_count": (
        "Pairs of columns that are strongly associated.",
        "关联很强的列对数目。",
    ),
    "catalogue.measure_associations_pair": (
        "Strength of a pair of columns, 0 to 1: correlation, Cramér's V or correlation ratio.",
        "一对列的关联强度，0 到 1：相关系数、Cramér V 或相关比。",
    ),
    "catalogue.measure_accuracy": ("Share of right answers.", "回答正确的比例。"),
    "catalogue.measure_balanced_accuracy": (
        "Mean over the classes of the share found.",
        "各类别召回率的平均。",
    ),
    "catalogue.measure_precision": (
        "Share of the answers of a class that are right.",
        "判为该类的回答中正确的比例。",
    ),
    "catalogue.measure_recall": (
        "Share of a class that is found.",
        "该类样本中被找出的比例。",
    ),
    "catalogue.measure_f1": (
        "Harmonic mean of precision and recall.",
        "精确率与召回率的调和平均。",
    ),
    "catalogue.measure_roc_auc": (
        "Chance that a row of the class gets a higher score than another row.",
        "该类样本得分高于其他样本的概率。",
    ),
    "catalogue.measure_average_precision": (
        "Area under precision over recall.",
        "精确率—召回率曲线下的面积。",
    ),
    "catalogue.measure_log_loss": (
        "Mean negative logarithm of the probability of the truth.",
        "真实类别概率的负对数的平均。",
    ),
    "catalogue.measure_brier": (
        "Mean squared error of the probabilities.",
        "概率的均方误差。",
    ),
    "catalogue.measure_precision_macro": (
        "Mean over the classes of the share of their answers that is right.",
        "各类别精确率的平均。",
    ),
    "catalogue.measure_recall_macro": (
        "Mean over the classes of the share found, also with two classes.",
        "各类别召回率的平均，两个类别时也是。",
    ),
    "catalogue.measure_f1_macro": (
        "Mean over the classes of F1, also with two classes.",
        "各类别 F1 的平均，两个类别时也是。",
    ),
    "catalogue.measure_f1_micro": (
        "F1 of all answers together: with one class a row, the accuracy.",
        "全部回答合计的 F1；每行一个类别时即准确率。",
    ),
    "catalogue.measure_precision_weighted": (
        "Mean of the classes' precision, by how frequent they are.",
        "按类别频数加权的精确率平均。",
    ),
    "catalogue.measure_recall_weighted": (
        "Mean of the classes' recall, by how frequent they are.",
        "按类别频数加权的召回率平均。",
    ),
    "catalogue.measure_f1_weighted": (
        "Mean of the classes' F1, by how frequent they are.",
        "按类别频数加权的 F1 平均。",
    ),
    "catalogue.measure_fbeta": (
        "Mean of precision and recall in which recall counts beta times as much.",
        "召回率权重为精确率 beta 倍的调和平均。",
    ),
    "catalogue.measure_jaccard": (
        "Rows rightly taken for a class, of those that are it or were taken for it.",
        "判对的行占“属于或被判为该类”的行的比例。",
    ),
    "catalogue.measure_specificity": (
        "Share of the rows of no class that are not taken for it.",
        "不属于该类的样本中未被判为该类的比例。",
    ),
    "catalogue.measure_g_mean": (
        "Geometric mean over the classes of the share found.",
        "各类别召回率的几何平均。",
    ),
    "catalogue.measure_mcc": (
        "Correlation of answer and truth, -1 to 1 (Matthews).",
        "回答与真实类别的相关系数，-1 到 1（Matthews）。",
    ),
    "catalogue.measure_cohen_kappa": (
        "Agreement of answer and truth beyond chance (Cohen).",
        "超出偶然的一致程度（Cohen）。",
    ),
    "catalogue.measure_quadratic_kappa": (
        "The same for classes in an order: a mistake counts by the square of how far off it is.",
        "同上，用于有序类别：错误按相差级数的平方计。",
    ),
    "catalogue.measure_roc_auc_ovo": (
        "Mean ROC AUC of all pairs of classes, however frequent they are.",
        "所有类别两两之间 ROC AUC 的平均，与频数无关。",
    ),
    "catalogue.measure_top_k_accuracy": (
        "Share of the rows whose class is among the k most probable ones.",
        "真实类别在概率最高的 k 个之中的比例。",
    ),
    "catalogue.measure_box_map": (
        "Boxes: area under precision over recall, mean of labels and of overlaps 0.5 to 0.95.",
        "框：精确率对召回率曲线下的面积，对各标签及重叠度 0.5 至 0.95 取平均。",
    ),
    "catalogue.measure_box_map50": (
        "Boxes: the same where half of a box and a true one in common is enough.",
        "框：同上，但与真实框重叠一半即算找到。",
    ),
    "catalogue.measure_box_precision": (
        "Boxes: share of those said that are true, at the threshold of the model.",
        "框：在模型的阈值下，给出的框有多大比例是对的。",
    ),
    "catalogue.measure_box_recall": (
        "Boxes: share of the true ones that are said, at the threshold of the model.",
        "框：在模型的阈值下，真实的框有多大比例被找到。",
    ),
    "catalogue.measure_eer": (
        "Equal error rate: where as many others are accepted as own ones refused.",
        "等错误率：误接受的比例与误拒绝的比例相等时的值。",
    ),
    "catalogue.measure_ece": (
        "Mean gap between confidence and accuracy, over bins of equal size.",
        "置信度与实际正确率之差的平均（等量分箱）。",
    ),
    "catalogue.measure_mse": (
        "Mean squared error.",
        "均方误差。",
    ),
    "catalogue.measure_median_ae": (
        "Median of the absolute errors: half of the answers are closer.",
        "绝对误差的中位数：一半答案更接近。",
    ),
    "catalogue.measure_max_error": (
        "Largest absolute error.",
        "最大绝对误差。",
    ),
    "catalogue.measure_wape": (
        "Sum of the absolute errors, as a share of the sum of the truth.",
        "绝对误差之和占真实值之和的比例。",
    ),
    "catalogue.measure_explained_variance": (
        "Like R², but an error that all answers share does not count.",
        "类似 R²，但不计所有答案共有的偏差。",
    ),
    "catalogue.measure_rmsle": (
        "Root mean squared error of the logarithms; answers below 0 count as 0.",
        "对数的均方根误差；小于 0 的答案按 0 计。",
    ),
    "catalogue.measure_poisson_deviance": (
        "Deviance of counts; answers of 0 or less count as a millionth of the mean.",
        "计数的泊松偏差；不大于 0 的答案按均值的百万分之一计。",
    ),
    "catalogue.measure_gamma_deviance": (
        "Deviance of amounts above 0: relative errors count; answers as above.",
        "正数金额的伽马偏差：按相对误差计；答案的处理同上。",
    ),
    "catalogue.measure_spearman": (
        "Correlation of the ranks of answers and truth, -1 to 1.",
        "答案与真实值秩次的相关系数，-1 到 1。",
    ),
    "catalogue.measure_pinball": (
        "Loss whose best answer is the value that a share of the truth lies below: `pinball(0.9)`.",
        "以“该比例的真实值落在其下”为最优答案的损失：`pinball(0.9)`。",
    ),
    "catalogue.measure_share_below": (
        "Share of the truth at or below the answers, beside `pinball(0.9)`: it should be 0.9.",
        "真实值不高于答案的比例，与 `pinball(0.9)` 一同给出：应接近 0.9。",
    ),
    "catalogue.measure_ndcg": (
        "Quality of the order of each list, the top counting most, 0 to 1: `ndcg@10`.",
        "各列表排序的质量，越靠前越重要，0 到 1：`ndcg@10`。",
    ),
    "catalogue.measure_map": (
        "Mean over the lists of their average precision: `map@10`.",
        "各列表平均精确率的平均：`map@10`。",
    ),
    "catalogue.measure_custom": (
        "A function of your own by its dotted path: `custom(my_scores:cost)`.",
        "自己写的函数，以点分路径指明：`custom(my_scores:cost)`。",
    ),
    "catalogue.measure_error_rate": ("Share of wrong answers.", "回答错误的比例。"),
    "catalogue.measure_rmse": ("Root of the mean squared error.", "均方根误差。"),
    "catalogue.measure_mae": ("Mean absolute error.", "平均绝对误差。"),
    "catalogue.measure_r2": (
        "Share of the target's variance that is explained.",
        "目标方差中被解释的比例。",
    ),
    "catalogue.measure_mape": ("Mean absolute error, relative.", "平均绝对百分比误差。"),
    "catalogue.measure_mase": (
        "Forecasts: mean absolute error, in that of repeating the season before.",
        "预测：平均绝对误差，以重复上一个季节周期的误差为单位。",
    ),
    "catalogue.measure_ndcg@10": (
        "Recommendations: how far up the list of 10 stands what the user took next, 0 to 1.",
        "推荐：用户接下来选取的内容在十项列表中排得多靠前，0 到 1。",
    ),
    "catalogue.measure_recall@10": (
        "Recommendations: share of what the user took next that is in the list of 10.",
        "推荐：用户接下来选取的内容中，出现在十项列表里的比例。",
    ),
    "catalogue.measure_hit_rate@10": (
        "Recommendations: share of users who took something of the list of 10 next.",
        "推荐：接下来选取了十项列表中某一项的用户所占比例。",
    ),
    "catalogue.measure_mrr@10": (
        "Recommendations: mean of 1 / place of the first item of the list that was taken next.",
        "推荐：列表中最先被选取的一项，其位次倒数的平均。",
    ),
    "catalogue.measure_catalogue_coverage": (
        "Recommendations: share of all items that stand in somebody's list.",
        "推荐：至少出现在一份列表中的内容占全部内容的比例。",
    ),
    "catalogue.measure_diversity": (
        "Recommendations: how unlike the items of a list are, by who took them; 1 is wholly.",
        "推荐：同一列表中各项彼此不同的程度，依据由谁选取；1 为完全不同。",
    ),
    "catalogue.measure_novelty": (
        "Recommendations: how rarely the listed items were taken, in bits.",
        "推荐：列表中各项被选取的少见程度，以比特计。",
    ),
    "catalogue.measure_sums_mase": (
        "Forecasts of sums: `mase` of the sums of one level of `train.hierarchy`.",
        "合计的预测：`train.hierarchy` 某一层合计的 `mase`。",
    ),
    "catalogue.measure_sums_coverage": (
        "Forecasts of sums: share of the sums of one level that lie within their interval.",
        "合计的预测：某一层合计落在其区间内的比例。",
    ),
    "catalogue.measure_sums_wql": (
        "Forecasts of sums: weighted quantile loss of the sums of one level.",
        "合计的预测：某一层合计的加权分位数损失。",
    ),
    "catalogue.measure_token_accuracy": (
        "Share of the wanted tags that were said.",
        "应有的标签中说对的比例。",
    ),
    "catalogue.measure_token_f1": (
        "F1 of each tag over all tokens, averaged over the tags.",
        "各标签在全部词元上的 F1，取各标签的平均。",
    ),
    "catalogue.measure_span_f1": (
        "F1 over whole spans, of tags such as `B-PER`, `I-PER`, `O`.",
        "按完整片段计算的 F1，用于 `B-PER`、`I-PER`、`O` 一类标签。",
    ),
    "catalogue.measure_exact_match": (
        "Share of texts that are the wanted one but for blanks and capitals.",
        "除空白和大小写外与应有文本完全相同的比例。",
    ),
    "catalogue.measure_answer_f1": (
        "F1 over the words of each text beside the wanted one, averaged.",
        "每段文本与应有文本按词计算的 F1 的平均。",
    ),
    "catalogue.measure_perplexity": (
        "Texts: e to the mean of −log p of the tokens of the wanted answers; 1 is certain. Only of "
        "models that tell how likely a text is.",
        "文本：应有答案各词元 −log p 的平均值取指数；1 为完全确定。只适用于能给出文本概率的模型。",
    ),
    "catalogue.measure_recall_at_1": (
        "Vectors: share of the rows whose nearest candidate belongs to them: the partner among "
        "the partners of all rows, or another row of the class.",
        "向量：最近的候选正是其所属者的行所占比例：在全部配对项中找到自己的配对项，或同类的另一行。",
    ),
    "catalogue.measure_mrr": (
        "Vectors: mean of 1 / place of the first candidate that belongs to a row.",
        "向量：第一个所属候选的位次倒数的平均。",
    ),
    "catalogue.measure_chrf": (
        "chrF2: agreement in runs of one to six characters, 0 to 1.",
        "chrF2：按一到六个字符的片段计算的一致程度，0 到 1。",
    ),
    "catalogue.measure_bleu": (
        "BLEU: agreement in runs of one to four words, 0 to 1; a Chinese character is a word.",
        "BLEU：按一到四个词的片段计算的一致程度，0 到 1；一个汉字算一个词。",
    ),
    "catalogue.measure_smape": (
        "Symmetric relative error, 0 to 2.",
        "对称相对误差，0 到 2。",
    ),
    "catalogue.measure_wql": (
        "Forecasts: weighted quantile loss of the interval and its middle.",
        "预测：区间与中点的加权分位数损失。",
    ),
    "catalogue.measure_coverage": (
        "Share of the rows whose truth lies within the interval or set of the answer; it fails "
        "where it is below `train.coverage` beyond chance.",
        "真实值落在区间或预测集内的行所占比例；显著低于 `train.coverage` 时不通过。",
    ),
    "catalogue.measure_coverage_class": (
        "The same within one class.",
        "同上，只看一个类别。",
    ),
    "catalogue.measure_coverage_group": (
        "The same within the worst covered group of a protected column.",
        "同上，只看受保护列中覆盖最差的群组。",
    ),
    "catalogue.measure_interval_width": (
        "Mean width of the intervals.",
        "区间的平均宽度。",
    ),
    "catalogue.measure_set_size": (
        "Mean number of classes in a prediction set.",
        "预测集中类别的平均个数。",
    ),
    "catalogue.measure_error_p90": (
        "90th percentile of the absolute error.",
        "绝对误差的 90% 分位数。",
    ),
    "catalogue.measure_calibration_ece": (
        "Expected gap between confidence and accuracy.",
        "置信度与准确率之间的期望差距。",
    ),
    "catalogue.measure_c2st": (
        "Made: AUC of a judge that tells made from real rows; 0.5 where it cannot.",
        "生成：区分生成与真实数据的裁判的 AUC；0.5 表示无法区分。",
    ),
    "catalogue.measure_fid": (
        "Made pictures: Fréchet distance to real ones, in what a small net sees.",
        "生成图像：在小网络所见特征上与真实图像的 Fréchet 距离。",
    ),
    "catalogue.measure_tstr": (
        "Made: score on real rows of a judge that learned from made rows only.",
        "生成：只用生成数据学习的裁判在真实数据上的得分。",
    ),
    "catalogue.measure_trtr": (
        "The same of a judge that learned from as many real rows.",
        "同上，但裁判用同样多的真实数据学习。",
    ),
    "catalogue.measure_copies": (
        "Share of made rows that equal a training row.",
        "与某行训练数据完全相同的生成行所占比例。",
    ),
    "catalogue.measure_copies_excess": (
        "How much more that is than of real test rows.",
        "比真实测试数据的同一比例高出多少。",
    ),
    "catalogue.measure_nearest_ratio": (
        "Distance of made rows to the nearest training row, by that of real test rows.",
        "生成行到最近训练行的距离，除以真实测试行的同一距离。",
    ),
    "catalogue.measure_fidelity": (
        "Share of rows made of a class that a judge of real rows takes for it.",
        "按某类别生成的行中，由真实数据训练的裁判认作该类别的比例。",
    ),
    "catalogue.measure_variety": (
        "How various made rows are, in shares of real ones; 0 where all are alike.",
        "生成数据的多样性，相对真实数据；全都一样时为 0。",
    ),
    "catalogue.measure_made_k": (
        "Smallest group of made rows that are equal in all protected columns.",
        "在全部受保护列上相同的生成行中，最小一组的行数。",
    ),
    "catalogue.measure_made_unique": (
        "Share of made rows that are alone in such a group.",
        "独自成组的生成行所占比例。",
    ),
    "catalogue.measure_efficiency_fit_s": ("Wall seconds of training.", "训练用时（秒）。"),
    "catalogue.measure_efficiency_fit_cpu_s": (
        "CPU seconds of training.",
        "训练占用的 CPU 秒数。",
    ),
    "catalogue.measure_efficiency_size_mb": ("Size of the model.", "模型体积。"),
    "catalogue.measure_efficiency_latency_ms": (
        "Median time of one row, without network.",
        "单行中位用时，不含网络。",
    ),
    "catalogue.measure_efficiency_latency_p99_ms": (
        "99th percentile of the time of one row.",
        "单行用时的 99% 分位数。",
    ),
    "catalogue.measure_efficiency_row_ms": (
        "Time per row in a batch.",
        "批量时平均每行用时。",
    ),
    "catalogue.measure_efficiency_memory_mb": (
        "Memory of the process that answers.",
        "作答进程占用的内存。",
    ),
    "catalogue.measure_fairness_gap": (
        "Largest gap of the share of the favourable answer between groups.",
        "各群体得到有利回答的比例之间的最大差距。",
    ),
    "catalogue.measure_fairness_equal_opportunity": (
        "Largest gap of the share of true positives found.",
        "各群体真阳性检出率之间的最大差距。",
    ),
    "catalogue.measure_fairness_accuracy_gap": (
        "Largest gap of accuracy between groups.",
        "各群体准确率之间的最大差距。",
    ),
    "catalogue.measure_robustness_drop": (
        "Loss of accuracy under one corruption; without argument, under the worst.",
        "某种损坏下准确率的下降；不写参数则取最坏的一种。",
    ),
    "catalogue.measure_importance": (
        "What is lost when the column is shuffled.",
        "打乱该列造成的损失。",
    ),
    "catalogue.measure_slices_worst": (
        "Largest gap between a slice and the rest, in share of wrong answers (values: mean "
        "absolute error in standard deviations); 0 where no slice is surely worse.",
        "子群与其余行之间的最大差距：答错比例之差（数值任务为以标准差计的平均绝对误差之差）；"
        "没有明显更差的子群时为 0。",
    ),
    "catalogue.measure_slices_gap": (
        "The same gap for one slice.",
        "某一个子群的这一差距。",
    ),
    "catalogue.measure_off_policy_ips": (
        "what a policy would have earned a decision: rewards of the log, weighed",
        "策略平均每次决策本可所得：对记录中的奖励加权",
    ),
    "catalogue.measure_off_policy_snips": (
        "the same over the sum of the weights",
        "同上，再除以权重之和",
    ),
    "catalogue.measure_off_policy_dm": (
        "what a model of rewards says that a policy would have earned",
        "奖励模型给出的策略本可所得",
    ),
    "catalogue.measure_off_policy_dr": (
        "the same, corrected by what the model missed in the log",
        "同上，再以模型在记录中漏估的部分校正",
    ),
    "catalogue.measure_off_policy_logged": (
        "what the log earned a decision",
        "记录平均每次决策所得",
    ),
    "catalogue.measure_off_policy_gain": (
        "the doubly robust estimate less what the log earned",
        "双重稳健估计减去记录所得",
    ),
    "catalogue.measure_off_policy_effective": (
        "share of the logged decisions that say anything of the policy",
        "能说明该策略的决策所占比例",
    ),
    "catalogue.measure_off_policy_unsupported": (
        "share of the policy's decisions for actions that the log never took",
        "策略的决策落在记录从未采取的动作上的比例",
    ),
    "catalogue.measure_drift_alarm": (
        "1 when the window drifted, else 0: all tests together keep one false-alarm rate.",
        "窗口发生漂移为 1，否则为 0：所有检验合用一个误报率。",
    ),
    "catalogue.measure_drift_share": (
        "Share of the columns that drifted.",
        "发生漂移的列的比例。",
    ),
    "catalogue.measure_drift_psi": (
        "Population stability index; without argument, the largest of all columns.",
        "群体稳定性指数（PSI）；不写参数则取各列中最大的。",
    ),
    "catalogue.measure_drift_ks": (
        "Kolmogorov-Smirnov distance of a number column.",
        "数值列的 Kolmogorov-Smirnov 距离。",
    ),
    "catalogue.measure_drift_shift": (
        "Shift of a number, in standard deviations.",
        "数值的平移，以标准差计。",
    ),
    "catalogue.measure_drift_scale": (
        "Relative change of a standard deviation.",
        "标准差的相对变化。",
    ),
    "catalogue.measure_drift_range": (
        "Change of the share outside the range seen in training.",
        "超出训练取值范围的比例的变化。",
    ),
    "catalogue.measure_drift_category": (
        "Share of rows that changed category.",
        "换了类别的行的比例。",
    ),
    "catalogue.measure_drift_unseen": (
        "Change of the share of categories never seen in training.",
        "训练中未见过的类别所占比例的变化。",
    ),
    "catalogue.measure_drift_missing": (
        "Change of the share of missing values.",
        "缺失比例的变化。",
    ),
    "catalogue.measure_drift_correlation": (
        "Largest change of a correlation between two numbers.",
        "两个数值列的相关系数的最大变化。",
    ),
    "catalogue.measure_performance_accuracy": (
        "Accuracy in use: measured with labels, else estimated from confidences.",
        "使用中的准确率：有标签则实测，否则由置信度估计。",
    ),
    "catalogue.measure_performance_rmse": (
        "Error in use, where labels came back.",
        "使用中的误差（有标签回流时）。",
    ),
    "catalogue.measure_performance_coverage": (
        "Share of the rows whose truth came back and lies within the interval or set that was "
        "answered.",
        "真实值已返回的行中，真实值落在所答区间或预测集内的比例。",
    ),
    "catalogue.measure_performance_drop": (
        "Accuracy at release less accuracy in use.",
        "发布时的准确率减去使用中的准确率。",
    ),
    "catalogue.measure_latency_p50_ms": (
        "Median latency of the window's requests.",
        "窗口内请求延迟的中位数。",
    ),
    "catalogue.measure_latency_p99_ms": (
        "99th percentile of the latency.",
        "延迟的 99% 分位数。",
    ),
    "catalogue.measure_latency_error_rate": (
        "Share of requests that failed.",
        "失败请求的比例。",
    ),
}
