"""Learners: the portfolio, the choice, the ensemble, and the one torch loop."""

ALGORITHMS: dict[str, str] = {
    "constant": "lingqu.learn.tabular.constant:Constant",
    "logistic": "lingqu.learn.tabular.logistic:Logistic",
    "ridge": "lingqu.learn.tabular.ridge:Ridge",
    "rbf_svm": "lingqu.learn.tabular.rbf_svm:RbfSvm",
    "k_neighbours": "lingqu.learn.tabular.k_neighbours:KNeighbours",
    "lightgbm": "lingqu.learn.tabular.lightgbm:LightGbm",
    "mlp": "lingqu.learn.deep.mlp:Mlp",
    "cnn": "lingqu.learn.deep.cnn:Cnn",
}
