"""Checks: the same class before training, at the gate and in production."""

CHECKS: dict[str, str] = {
    "quality": "lingqu.check.quality:Quality",
    "data": "lingqu.check.data:Data",
    "leakage": "lingqu.check.leakage:Leakage",
    "anonymity": "lingqu.check.anonymity:Anonymity",
    "associations": "lingqu.check.associations:Associations",
    "metrics": "lingqu.check.metrics:Metrics",
    "generated": "lingqu.check.generated:Generated",
    "efficiency": "lingqu.check.efficiency:Efficiency",
    "fairness": "lingqu.check.fairness:Fairness",
    "robustness": "lingqu.check.robustness:Robustness",
    "calibration": "lingqu.check.calibration:Calibration",
    "importance": "lingqu.check.importance:Importance",
    "slices": "lingqu.check.slices:Slices",
    "off_policy": "lingqu.check.off_policy:OffPolicy",
    "drift": "lingqu.check.drift:Drift",
    "performance": "lingqu.check.performance:Performance",
    "policy": "lingqu.check.policy:Policy",
    "latency": "lingqu.check.latency:Latency",
}
