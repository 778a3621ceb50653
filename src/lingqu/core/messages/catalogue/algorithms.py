"""One line about every algorithm."""

MESSAGES: dict[str, tuple[str, str]] = {
    "catalogue.algorithms_picture_vae": (
        "Says pictures in a few numbers and paints new ones from such: varied, a little soft.",
        "变分自编码器：把图像表示成少数几个数，再据此画出新图；多样，略显柔和。",
    ),
    "catalogue.algorithms_picture_gan": (
        "A painter against a critic (hinge loss, spectral normalisation): sharp pictures.",
        "生成对抗网络（hinge 损失、谱归一化）：画者与评者相争，图像清晰。",
    ),
    "catalogue.algorithms_wgan_gp": (
        "A painter against a critic that measures a distance; costs more, for comparison.",
        "Wasserstein 生成对抗网络（梯度惩罚）：评者度量距离；更费时，用于比较。",
    ),
    "catalogue.algorithms_decoder": (
        "A decoder from scratch that learns to write the answer, character by character.",
        "从零训练的解码器：学着逐字写出答案。",
    ),
    "catalogue.algorithms_pretrained_decoder": (
        "A pre-trained decoder from a folder or a GGUF file: as it came, with adapters, or tuned.",
        "来自文件夹或 GGUF 文件的预训练解码器：直接使用、加适配器或全量微调。",
    ),
    "catalogue.algorithms_pretrained_seq2seq": (
        "A pre-trained encoder with a decoder (T5, BART, Marian) from a folder, tuned on pairs.",
        "来自文件夹的预训练编码器-解码器（T5、BART、Marian），以成对文本微调。",
    ),
    "catalogue.algorithms_ngram_axes": (
        "Texts as vectors of their runs of characters, on the axes along which texts differ most.",
        "把文本按字符片段投影到差异最大的若干轴上，得到向量。",
    ),
    "catalogue.algorithms_sequential_trees": (
        "Rows made column by column from the leaves of trees; leaves hold real values.",
        "逐列从树叶中抽取生成行；树叶中存有真实取值。",
    ),
    "catalogue.algorithms_table_vae": (
        "Rows made by a variational autoencoder of all columns; it keeps no row.",
        "变分自编码器：同时生成各列；不保存任何一行。",
    ),
    "catalogue.algorithms_table_gan": (
        "Rows made by a net that learned to deceive another one.",
        "生成对抗网络：学习骗过另一个网络来生成行。",
    ),
    "catalogue.algorithms_embedder": (
        "A net that places rows near their partners, or near others of their class.",
        "网络：让每行靠近其配对项，或靠近同类的行。",
    ),
    "catalogue.algorithms_reader": (
        "A net that finds the answer to a question in a text that is handed to it.",
        "网络：在给定的文本中找出问题的答案。",
    ),
    "catalogue.algorithms_usual_tags": (
        "Each token gets the tag that it had most often: the floor under every tagger.",
        "每个词元取其最常见的标签：一切标注器的底线。",
    ),
    "catalogue.algorithms_tagger": (
        "A recurrent net that reads words and their spelling from both ends, and tags each token.",
        "循环网络：从两端读词与拼写，为每个词元给出标签。",
    ),
    "catalogue.algorithms_memory": (
        "Answer with what belongs to the nearest known text: a translation memory, known "
        "questions and their answers.",
        "以最接近的已知文本所对应的内容作答：翻译记忆、已知问题及其答案。",
    ),
    "catalogue.algorithms_constant": (
        "Always the class frequencies, or the median: what every candidate must beat.",
        "总是回答类别频率或中位数：任何候选都必须胜过的底线。",
    ),
    "catalogue.algorithms_logistic": (
        "Logistic regression with an L2 penalty.",
        "带 L2 惩罚的逻辑回归。",
    ),
    "catalogue.algorithms_ridge": (
        "Linear regression with an L2 penalty, chosen by leave-one-out errors.",
        "带 L2 惩罚的线性回归，惩罚由留一误差选定。",
    ),
    "catalogue.algorithms_elastic_net": (
        "Linear model whose penalty leaves out columns that bring nothing; for many columns.",
        "弹性网：惩罚会剔除无用列的线性模型；适合列多的表。",
    ),
    "catalogue.algorithms_naive_bayes": (
        "Every column speaks for itself: counts of levels, bell curves of numbers; one pass.",
        "朴素贝叶斯：各列各自发言，类别数频次，数值画钟形曲线；只读一遍。",
    ),
    "catalogue.algorithms_kernel_ridge": (
        "Ridge regression on a kernel, chosen by leave-one-out; for up to 4,000 rows.",
        "核岭回归，核与惩罚由留一误差选定；适合至多四千行。",
    ),
    "catalogue.algorithms_rbf_svm": (
        "Support vector machine with a Gaussian kernel; strong on small tables.",
        "高斯核支持向量机；在小数据上表现很好。",
    ),
    "catalogue.algorithms_k_neighbours": (
        "Average of the nearest training rows, nearer ones weighing more.",
        "最近的若干训练行的平均，越近权重越大。",
    ),
    "catalogue.algorithms_lightgbm": (
        "Gradient-boosted trees; strong on larger tables of mixed columns.",
        "梯度提升树；在列类型混杂的较大表格上表现很好。",
    ),
    "catalogue.algorithms_random_forest": (
        "Average of trees on redrawn rows; hard to break, good without tuning.",
        "随机森林：在重抽样的行上建树再取平均；不易出错，无需调参。",
    ),
    "catalogue.algorithms_extra_trees": (
        "Average of trees with random split points; a good partner of boosted trees.",
        "极端随机树：随机选分裂点的树取平均；与梯度提升树互补。",
    ),
    "catalogue.algorithms_xgboost": (
        "Boosted trees of bounded depth; a cousin of LightGBM (extra `xgboost`).",
        "限制深度的梯度提升树，与 LightGBM 相近（需要扩展 `xgboost`）。",
    ),
    "catalogue.algorithms_catboost": (
        "Boosted symmetric trees; strong without tuning on small and middle tables (extra "
        "`catboost`).",
        "对称树的梯度提升；在中小表格上无需调参就很强（需要扩展 `catboost`）。",
    ),
    "catalogue.algorithms_ebm": (
        "Sum of one curve per column and a few pairs: a model that can be read (extra `ebm`).",
        "每列一条曲线再加少数列对的可解释模型：看曲线就知道模型怎样判断（需要扩展 `ebm`）。",
    ),
    "catalogue.algorithms_mlp": (
        "A net of fully connected layers; reads every column as numbers.",
        "全连接网络；把各列都当数值读。",
    ),
    "catalogue.algorithms_tabm": (
        "Sixteen nets in one that share their weights; the strongest net on smaller tables.",
        "十六个网络合为一体、共享权重；较小表格上最强的网络。",
    ),
    "catalogue.algorithms_cnn": (
        "A net of 3×3 convolutions for pictures.",
        "3×3 卷积网络，用于图像。",
    ),
    "catalogue.algorithms_pretrained": (
        "Pre-trained encoders from a folder (texts, pictures): n-grams, frozen vectors, adapters, "
        "all weights, as far as held-out rows gain.",
        "文件夹中的预训练编码器（文本、图像）：n 元组、冻结向量、适配器、全部权重，"
        "只在验证行有增益时逐级上升。",
    ),
    "catalogue.algorithms_net": (
        "One net of any mixture of tables, texts read in order, pictures and vectors.",
        "一个网络同时读表格、按顺序阅读的文本、图像和向量，任意混合均可。",
    ),
    "catalogue.algorithms_isolation_forest": (
        "Flag: how few random cuts set a row apart.",
        "异常检测：孤立森林，看多少次随机切分就能把一行孤立出来。",
    ),
    "catalogue.algorithms_mahalanobis": (
        "Flag: distance from the middle, in the shape of the most central rows.",
        "异常检测：稳健马氏距离，以最居中的数据的形状衡量离中心多远。",
    ),
    "catalogue.algorithms_column_tails": (
        "Flag: how few others lie as far out, column by column.",
        "异常检测：逐列看有多少数据同样偏离，再相加。",
    ),
    "catalogue.algorithms_linear_autoencoder": (
        "Flag: what the main directions of the rows do not tell (PCA).",
        "异常检测：线性自编码器（主成分），看主要方向之外还剩多少。",
    ),
    "catalogue.algorithms_lof": (
        "Flag: is a row lonelier than its neighbours are?",
        "异常检测：局部离群因子，看一行是否比其邻居更孤立。",
    ),
    "catalogue.algorithms_labelled_forest": (
        "Flag: a forest that learns from known anomalies, where there are some.",
        "异常检测：有已知异常时，用随机森林从中学习。",
    ),
    "catalogue.algorithms_seasonal_residual": (
        "Flag: is a value odd for its hour of the week and its series?",
        "异常检测：季节残差，看数值在该时段、该序列中是否反常。",
    ),
    "catalogue.algorithms_popularity": (
        "what most people take, the same for everybody: what others must beat",
        "多数人取用的物品，人人相同；其他算法必须胜过它",
    ),
    "catalogue.algorithms_item_knn": (
        "items that the same people took",
        "同一批人也取用过的物品",
    ),
    "catalogue.algorithms_ease": (
        "each item from all others by ridge regression, in closed form; up to 5,000 items",
        "用岭回归由其余物品推断每个物品，有闭式解；至多 5,000 种物品",
    ),
    "catalogue.algorithms_als": (
        "users and items as points, by alternating least squares; extra `recommend`",
        "用交替最小二乘把用户和物品表示为点；需要扩展 `recommend`",
    ),
    "catalogue.algorithms_bpr": (
        "an order of items learned from pairs, taken before not taken; extra `recommend`",
        "从成对比较中学习物品的顺序，取用过的排在前；需要扩展 `recommend`",
    ),
    "catalogue.algorithms_two_tower": (
        "a net of what somebody took and a table of items with their features",
        "由取用历史的神经网络与物品（含其特征）的表组成的双塔模型",
    ),
    "catalogue.algorithms_usual_boxes": (
        "Detect: the usual box of each label, in every picture; what others must beat.",
        "目标检测：每幅图都给出各标签通常的框；其他算法必须胜过它。",
    ),
    "catalogue.algorithms_centres": (
        "Detect: a net that finds the centres of objects, and how large each is.",
        "目标检测：找出物体中心及其大小的网络。",
    ),
    "catalogue.algorithms_value_iteration": (
        "Control: the best policy where every transition is known, by looking one step ahead until "
        "nothing changes.",
        "控制：转移全部已知时的最优策略；逐步前看，直到不再变化。",
    ),
    "catalogue.algorithms_policy_iteration": (
        "Control: the same, by valuing a policy exactly and taking what is better.",
        "控制：同上；精确评估策略，再改取更好的动作。",
    ),
    "catalogue.algorithms_linucb": (
        "Control of single decisions: act by the upper end of what each action promises.",
        "单次决策的控制：按各动作所许收益的上界行动。",
    ),
    "catalogue.algorithms_thompson": (
        "Control of single decisions: act by a draw of what each action promises.",
        "单次决策的控制：按各动作所许收益的一次抽样行动。",
    ),
    "catalogue.algorithms_best_action": (
        "Control from logged decisions: whatever earned most; what others must beat.",
        "由决策记录学习控制：取所得最多的动作；其他算法必须胜过它。",
    ),
    "catalogue.algorithms_reward_regression": (
        "Control from logged decisions: a linear model of what each action earns.",
        "由决策记录学习控制：各动作所得的线性模型。",
    ),
    "catalogue.algorithms_doubly_robust": (
        "Control from logged decisions: such a model, corrected by the propensities.",
        "由决策记录学习控制：用倾向校正的所得模型。",
    ),
    "catalogue.algorithms_cosine": (
        "Verify: the angle between two rows as they are; what others must beat.",
        "身份核验：直接比较两条数据原值的夹角；其他算法必须胜过它。",
    ),
    "catalogue.algorithms_siamese": (
        "Verify: a net that brings what is of one identity together.",
        "身份核验：让同一身份的数据彼此靠近的网络。",
    ),
    "catalogue.algorithms_usual_action": (
        "Control: one action for ever, the best of them; what every policy must beat.",
        "强化学习：始终采取同一动作（其中最好的）；任何策略都须胜过它。",
    ),
    "catalogue.algorithms_ppo": (
        "Control: acts in many environments at once and makes likelier what came out better than "
        "expected, a little at a time.",
        "强化学习：在许多环境中同时行动，让好于预期的动作更可能，每次只变一点。",
    ),
    "catalogue.algorithms_dqn": (
        "Control: remembers what was done and learns what each action is worth.",
        "强化学习：记住做过的事，学习每个动作值多少。",
    ),
    "catalogue.algorithms_stable_baselines3": (
        "Control: a method of Stable-Baselines3 (ppo, a2c, dqn), its net as a graph of ours.",
        "强化学习：Stable-Baselines3 的方法（ppo、a2c、dqn），其网络转为我们的计算图。",
    ),
    "catalogue.algorithms_autoencoder": (
        "Flag: what a small net cannot tell through its waist.",
        "异常检测：自编码器小网络，看其瓶颈无法复述的部分。",
    ),
    "catalogue.algorithms_seasonal_naive": (
        "Forecast: the last season again; what every other must beat.",
        "预测：重复上一个季节周期；其他方法都须胜过它。",
    ),
    "catalogue.algorithms_drift": (
        "Forecast: the line from the first value of the tail to the last, drawn on.",
        "预测：把首末两值的连线延长。",
    ),
    "catalogue.algorithms_recent_mean": (
        "Forecast: the mean of the last values.",
        "预测：最近若干值的平均。",
    ),
    "catalogue.algorithms_theta": (
        "Forecast: smoothing of the seasonally adjusted values with half the slope (Theta).",
        "预测：对去季节后的值作平滑，加半个斜率（Theta）。",
    ),
    "catalogue.algorithms_ets": (
        "Forecast: exponential smoothing of level, trend and season, series by series.",
        "预测：逐条序列对水平、趋势和季节作指数平滑。",
    ),
    "catalogue.algorithms_arima": (
        "Forecast: seasonal ARIMA, orders and coefficients series by series.",
        "预测：逐条序列定阶并拟合的季节性 ARIMA。",
    ),
    "catalogue.algorithms_fracast": (
        "Forecast: a small foundation model, not fitted; its weights travel (extra `forecast`).",
        "预测：小型时序基础模型，无需训练；权重随发布携带（附加依赖 `forecast`）。",
    ),
    "catalogue.algorithms_lag_linear": (
        "Forecast: one linear map from the last values to the next, learned from all series.",
        "预测：从所有序列学得一个由近期值到后续值的线性映射。",
    ),
    "catalogue.algorithms_lag_trees": (
        "Forecast: boosted trees on lags, seasons, calendar and known columns of all series.",
        "预测：对所有序列的滞后值、季节、日历和已知列建梯度提升树。",
    ),
    "catalogue.algorithms_gru": (
        "Forecast: a recurrent net that reads the last values of all series (extra `deep`).",
        "预测：读取所有序列近期值的循环神经网络（附加依赖 `deep`）。",
    ),
    "catalogue.algorithms_transformer": (
        "Forecast: a transformer over pieces of the past of all series (extra `deep`).",
        "预测：把所有序列的历史切成小段的 Transformer（附加依赖 `deep`）。",
    ),
}
