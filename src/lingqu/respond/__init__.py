"""Actions: what is done about a finding."""

ACTIONS: dict[str, str] = {
    "notify": "lingqu.respond.notify:notify",
    "block": "lingqu.respond.block:block",
    "fallback": "lingqu.respond.fallback:fallback",
    "rollback": "lingqu.respond.rollback:rollback",
    "retrain": "lingqu.respond.retrain:retrain",
    "reweigh": "lingqu.respond.reweigh:reweigh",
}
