"""Actions: what is done about a finding."""

ACTIONS: dict[str, str] = {
    "notify": "lingqu.respond.notify:Notify",
    "block": "lingqu.respond.block:Block",
    "fallback": "lingqu.respond.fallback:Fallback",
    "rollback": "lingqu.respond.rollback:Rollback",
    "retrain": "lingqu.respond.retrain:Retrain",
    "promote": "lingqu.respond.promote:Promote",
    "reweigh": "lingqu.respond.reweigh:Reweigh",
}
