"""What each check delivers, as rules name it: for validation, and for the reference pages."""

from __future__ import annotations

MEASURES: dict[str, tuple[str, ...]] = {
    "data": (
        "data.completeness",
        "data.validity",
        "data.uniqueness",
        "data.consistency",
        "data.timeliness",
        "data.diversity",
        "data.representativeness",
        "data.authenticity",
        "data.broken_rules",
        "data.residual_pii",
        "data.leakage",
        "data.overlap",
        "data.label_errors",
        "data.drop(score)",
    ),
    "contract": ("contract.failures(rule)",),
    "privacy": ("privacy.found(column)",),
    "anonymity": (
        "anonymity.k",
        "anonymity.unique",
        "anonymity.l(column)",
        "anonymity.l_entropy(column)",
        "anonymity.t(column)",
    ),
    "quality": (
        "quality.completeness",
        "quality.validity",
        "quality.uniqueness",
        "quality.consistency",
        "quality.timeliness",
        "quality.diversity",
        "quality.representativeness",
        "quality.authenticity",
        "quality.column(column)",
    ),
    "leakage": (
        "leakage.exact",
        "leakage.near",
        "leakage.near(column)",
        "leakage.group(column)",
        "leakage.time(column)",
        "leakage.target(column)",
    ),
    "associations": ("associations.count", "associations.pair(columns)"),
    "metrics": (
        "accuracy",
        "balanced_accuracy",
        "precision",
        "recall",
        "f1",
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        "precision_macro",
        "recall_macro",
        "f1_macro",
        "f1_micro",
        "precision_weighted",
        "recall_weighted",
        "f1_weighted",
        "fbeta(beta)",
        "jaccard",
        "specificity",
        "g_mean",
        "mcc",
        "cohen_kappa",
        "quadratic_kappa",
        "roc_auc_ovo",
        "top_k_accuracy(k)",
        "ece",
        "error_rate",
        "rmse",
        "mae",
        "r2",
        "mape",
        "mse",
        "median_ae",
        "max_error",
        "wape",
        "explained_variance",
        "rmsle",
        "poisson_deviance",
        "gamma_deviance",
        "spearman",
        "pinball(share)",
        "share_below(share)",
        "ndcg",
        "map",
        "custom(function)",
        "mase",
        "smape",
        "wql",
        "ndcg@10",
        "recall@10",
        "hit_rate@10",
        "mrr@10",
        "catalogue_coverage",
        "diversity",
        "novelty",
        "coverage",
        "coverage.class(class)",
        "coverage.group(column)",
        "interval_width",
        "set_size",
        "sums.mase(level)",
        "sums.coverage(level)",
        "sums.wql(level)",
        "error_p90",
    ),
    "calibration": ("calibration.ece",),
    "efficiency": (
        "efficiency.fit_s",
        "efficiency.fit_cpu_s",
        "efficiency.size_mb",
        "efficiency.latency_ms",
        "efficiency.latency_p99_ms",
        "efficiency.row_ms",
        "efficiency.memory_mb",
    ),
    "fairness": (
        "fairness.gap(column)",
        "fairness.equal_opportunity(column)",
        "fairness.accuracy_gap(column)",
    ),
    "robustness": ("robustness.drop(corruption)",),
    "importance": ("importance(column)",),
    "slices": ("slices.worst", "slices.gap(slice)"),
    "drift": (
        "drift.alarm",
        "drift.share",
        "drift.psi(column)",
        "drift.ks(column)",
        "drift.shift(column)",
        "drift.scale(column)",
        "drift.range(column)",
        "drift.category(column)",
        "drift.unseen(column)",
        "drift.missing(column)",
        "drift.correlation",
    ),
    "performance": (
        "performance.accuracy",
        "performance.rmse",
        "performance.coverage",
        "performance.drop",
    ),
    "latency": ("latency.p50_ms", "latency.p99_ms", "latency.error_rate"),
}
"""Check → the measures that it delivers, with what stands in the parentheses."""

LIVE = frozenset({"drift", "performance", "latency", "data.drop"})
"""Checks, and single measures, that exist only in use: a gate cannot require them."""
ARGUMENTS = {"data.drop": ("completeness", "validity", "uniqueness")}
"""Measures of the data document that take an argument, and which; the others take none."""


def known_measures() -> dict[str, str]:
    """Return each measure, without its argument, with the check that delivers it.

    Example:
        >>> known_measures()["fairness.gap"]
        'fairness'
    """
    return {
        measure.partition("(")[0]: check
        for check, measures in MEASURES.items()
        for measure in measures
    }
