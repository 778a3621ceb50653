"""The plan: every stage, every default that was chosen, and why, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lingqu.check.leakage import Leakage
from lingqu.core.i18n import Language, both
from lingqu.core.metrics import names as metric_names
from lingqu.core.nouns import REPLIES, Dataset, Json, Subject
from lingqu.core.ranking_names import usual
from lingqu.core.spec import Channel
from lingqu.flow.check_stage import judges
from lingqu.flow.control_rows import acts
from lingqu.flow.data_stage import declared_operators, typed, usual_operators
from lingqu.flow.govern_stage import DATA_CHECKS
from lingqu.flow.logged_rows import is_log
from lingqu.flow.masked_features import masked_features
from lingqu.flow.plan_policies import policy_settings, walk_settings
from lingqu.flow.plan_settings import Setting
from lingqu.flow.plan_settings import chosen as _chosen
from lingqu.flow.plan_settings import declared as _declared
from lingqu.learn.control import LOGGED
from lingqu.learn.control import tried as policies_tried
from lingqu.learn.flag.choose import RATE, tried
from lingqu.learn.folds import together
from lingqu.learn.forecast import USUAL
from lingqu.learn.generate import scores as made_scores
from lingqu.learn.generate import tried as made_tried
from lingqu.learn.limits import Limits, refuse_columns
from lingqu.learn.lists import lists_of
from lingqu.learn.portfolio import portfolio, refuse_directions
from lingqu.learn.question import refuse_floor, with_levels
from lingqu.learn.recommend.choose import tried as lists_tried
from lingqu.learn.regions.quantile import refuse_few
from lingqu.learn.replies import tried as replies_tried
from lingqu.release.made.columns import learned


@dataclass(frozen=True)
class Plan:
    """What a run of a channel would do.

    Args:
        channel: Name.
        version: Digest of the declaration.
        settings: In the order of the path.
        operators: The operators that will run, as (name, options).
        rows: Rows of the source.
        columns: The typed columns, as JSON.
    """

    channel: str
    version: str
    settings: tuple[Setting, ...]
    operators: tuple[tuple[str, Any], ...]
    rows: int
    columns: tuple[Mapping[str, Json], ...]

    def to_json(self) -> dict[str, Json]:
        return asdict(self)


def plan(channel: Channel, raw: Dataset) -> Plan:
    """Plan a run.

    Args:
        channel: The declaration, valid.
        raw: The data as the source gave it.

    Raises:
        DataError: The data cannot serve this task (target absent, constant …).
    """
    dataset = typed(channel, raw)
    operators = declared_operators(channel)
    if operators is None:
        operators = usual_operators(channel, dataset)
    settings = [
        *_data_settings(channel, dataset),
        *_leaks(channel, dataset),
        *(_operator(name, options, why) for name, options, why in operators),
        *(
            Setting("govern", f"masked {column}", strategy, False, why)
            for column, strategy, why in masked_features(
                dataset, [(name, options) for name, options, _ in operators]
            )
        ),
        *_train_settings(channel, dataset),
        *_release_settings(channel, dataset),
        *_use_settings(channel),
    ]
    return Plan(
        channel.name,
        channel.version,
        tuple(settings),
        tuple((name, options) for name, options, _ in operators),
        len(dataset),
        tuple(dataset.schema.to_json()),
    )


def _either(
    channel: Channel, section: str, name: str, value: Json, why: str, **facts: Any
) -> Setting:
    part = getattr(channel, section)
    if name in part.model_fields_set:
        return _declared(section, name, value)
    return _chosen(section, name, value, why, **facts)


def _split_settings(channel: Channel, rows: int) -> list[Setting]:
    data, horizon = channel.data, channel.train.horizon
    if channel.train.task == "recommend":
        return _last_settings(channel)
    if horizon:
        return [_chosen("data", "split", "horizon", "forecast.split", horizon=horizon)]
    return [
        _either(channel, "data", "test", data.test, "flow.why_test", rows=rows),
        _either(channel, "data", "split", data.split, "flow.why_split"),
        _either(channel, "data", "seed", data.seed, "flow.why_seed"),
    ]


def _last_settings(channel: Channel) -> list[Setting]:
    """Return how the test rows of a recommender are set aside."""
    data = channel.data
    if not data.time:
        return [_chosen("data", "split", "last", "recommend.split_drawn", seed=data.seed)]
    key = "recommend.split_share" if "test" in data.model_fields_set else "recommend.split_last"
    return [_chosen("data", "split", "last", key, column=data.time, share=data.test)]


def _data_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    data = channel.data
    rows = len(dataset)
    named = "source" if data.source is not None else "environment"
    settings = [
        _declared("data", named, data.named),
        *(walk_settings(channel, dataset) if acts(channel) else _split_settings(channel, rows)),
    ]
    for column in dataset.schema:
        label = column.kind if column.role == "feature" else f"{column.kind}, {column.role}"
        label += ", feature" if column.seen and column.role == "protected" else ""
        why: Mapping[Language, str] = {
            "en": column.reason,
            "zh": column.reason_zh or column.reason,
        }
        settings.append(Setting("data", f"column {column.name}", label, False, why))
    return settings


def _leaks(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Warn of columns that give the answer away: a release of a model of these is blocked."""
    if channel.train.task not in ("classify", "regress"):
        return []
    subject = Subject("data", channel.train.task, dataset.schema, dataset)
    found = []
    for leak in Leakage().givers(subject):
        why = both("flow.warn_leak", column=leak.argument, value=leak.value,
                   score=leak.evidence["metric"])  # fmt: skip
        found.append(Setting("data", "warning", f"leakage.target({leak.argument})", False, why))
    return found


def _operator(name: str, options: Any, why: str | None) -> Setting:
    value = name if not options else {name: options}
    if why is None:
        return _declared("govern", "operator", value)
    return _chosen("govern", "operator", value, why)


def _train_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    train = channel.train
    if train.model is not None:
        return _brought_settings(channel, dataset)
    names = [name for name, _ in train.algorithms] if train.algorithms else None
    if names is None and train.task == "forecast":
        names = list(USUAL)
    elif names is None and train.task == "flag":
        names = tried(dataset, train.budget_s)
    elif names is None and train.task == "recommend":
        names = lists_tried(dataset, train.budget_s)
    elif names is None and train.task == "generate":
        names = list(made_tried(dataset.schema))
    elif names is None and acts(channel):
        facts = dataset.facts
        names = list(policies_tried(bool(facts.get("table")), bool(facts.get("amount"))))
    elif names is None and is_log(train.task, train):
        names = list(LOGGED)
    elif names is None and train.task in REPLIES:
        names = list(replies_tried(train.task, dataset.schema))
    elif names is None:
        entries = portfolio(
            dataset, train.task, train.budget_s, monotone=train.monotone, metric=train.metric or ""
        )
        names = [entry.variant for entry in entries]
    algorithm = (
        _declared("train", "algorithm", names)
        if train.algorithms
        else _chosen("train", "algorithm", names, "flow.why_algorithm", rows=len(dataset))
    )
    return [
        _declared("train", "task", train.task),
        *_target_settings(channel, dataset),
        algorithm,
        *(policy_settings(channel, dataset) if acts(channel) else ()),
        *_forecast_settings(channel),
        *_flag_settings(channel),
        *_list_settings(channel),
        *_made_settings(channel, dataset),
        *_log_settings(channel),
        *_table_settings(channel, dataset),
        _either(channel, "train", "budget", f"{train.budget:g} s", "flow.why_budget"),
        _either(channel, "train", "seed", train.seed, "flow.why_seed"),
        _chosen("train", "judge", list(_all_judges(channel)), "flow.why_checks"),
    ]


def _brought_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return what is done with a model that is not trained here."""
    train = channel.train
    assert train.model is not None  # its caller asked
    why = both("imported.why_not_trained")
    if train.task == "classify":
        target = with_levels(dataset, train.task).schema.target
        refuse_floor(target.levels if target is not None else (), train.optimise)
    return [
        _declared("train", "task", train.task),
        *_target_settings(channel, dataset),
        Setting("train", "model", train.model.to_plain(), True, why),
        *([_declared("train", "optimise", list(train.optimise))] if train.optimise else []),
        _either(channel, "train", "seed", train.seed, "flow.why_seed"),
        _chosen("train", "judge", list(_all_judges(channel)), "flow.why_checks"),
    ]


def _judges(channel: Channel) -> tuple[str, ...]:
    return judges(channel.train.task, is_log(channel.train.task, channel.train))


def _all_judges(channel: Channel) -> tuple[str, ...]:
    control = channel.train.task == "control"
    of_data = [name for name in DATA_CHECKS if name != "leakage" or not control]
    return (*of_data, *_judges(channel))


def _list_settings(channel: Channel) -> list[Setting]:
    train = channel.train
    if train.task in REPLIES and train.task != "generate":
        metric = train.metric or metric_names(train.task)[0]
        return [_either(channel, "train", "metric", metric, "replies.why_metric")]
    if train.task != "recommend":
        return []
    metric = train.metric or usual(train.top)
    return [
        _either(channel, "train", "top", train.top, "recommend.why_top"),
        _either(channel, "train", "metric", metric, "recommend.why_metric"),
    ]


def _log_settings(channel: Channel) -> list[Setting]:
    """Return what of a log is what came of an action, and by which estimate a policy is chosen."""
    train = channel.train
    if not is_log(train.task, train):
        return []
    return [
        _declared("train", "reward", train.reward),
        _declared("train", "propensity", train.propensity),
        _either(channel, "train", "metric", train.metric or "dr", "tables.why_metric"),
    ]


def _made_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return what is made, and by which score a learner is chosen."""
    train = channel.train
    if train.task != "generate":
        return []
    names = [column.name for column in learned(dataset.schema)]
    metric = train.metric or made_scores(dataset.schema)[0]
    return [
        _chosen("train", "made", names, "generate.why_made"),
        _either(channel, "train", "metric", metric, "generate.why_metric"),
    ]


def _table_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return what a choice on tables shall keep; columns that are not there are refused."""
    train = channel.train
    if train.task not in ("classify", "regress"):
        return []
    refuse_directions(dataset, train.monotone)
    refuse_columns(dataset, Limits.parse(train.limits))
    lists_of(dataset, train.metric or "")
    if train.task == "classify":
        target = with_levels(dataset, train.task).schema.target
        refuse_floor(target.levels if target is not None else (), train.optimise)
    settings = [
        _either(channel, "train", "size", train.size, "choice.why_size"),
        *_region_settings(channel, dataset),
    ]
    given = {
        "optimise": list(train.optimise), "limits": list(train.limits),
        "monotone": dict(train.monotone), "refit": train.refit,
    }  # fmt: skip
    settings += [
        _declared("train", name, value)
        for name, value in given.items()
        if name in train.model_fields_set
    ]
    return settings


def _region_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return what intervals or sets shall hold; what the rows cannot promise is refused."""
    train = channel.train
    if train.coverage is None:
        return []
    units = together(dataset)
    many = len(dataset) if units is None else len(set(units.tolist()))
    refuse_few(train.coverage, round(many * (1 - channel.data.test)), train.coverage_by)
    settings = [_declared("train", "coverage", train.coverage)]
    if train.task == "classify":
        settings += [_either(channel, "train", "coverage_by", train.coverage_by, "regions.why_by")]
    return settings


def _target_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    target = dataset.schema.target
    if target is not None and acts(channel):
        return [_chosen("train", "target", target.name, "control.why_target")]
    if target is None and channel.train.task == "generate":
        return [_chosen("train", "target", None, "generate.why_asked")]
    if target is None:
        return [_chosen("train", "target", None, "flag.why_no_target")]
    return [_declared("train", "target", target.name)]


def _flag_settings(channel: Channel) -> list[Setting]:
    train = channel.train
    if train.task != "flag":
        return []
    if train.rate is not None:
        return [_declared("train", "rate", train.rate)]
    if train.target:
        return [_chosen("train", "rate", None, "flag.why_threshold")]
    return [_chosen("train", "rate", RATE, "flag.why_rate", rate=RATE)]


def _forecast_settings(channel: Channel) -> list[Setting]:
    if channel.train.task != "forecast":
        return []
    return [
        _declared("train", "horizon", channel.train.horizon),
        _either(channel, "train", "season", channel.train.season, "flow.why_season"),
        _either(channel, "train", "gaps", channel.train.gaps, "flow.why_gaps"),
        *(
            _declared("train", name, list(getattr(channel.train, name)))
            for name in ("quantiles", "hierarchy")
            if getattr(channel.train, name)
        ),
    ]


def _release_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    release = channel.release
    if release.require:
        require = _declared("release", "require", [rule.text for rule in release.require])
    else:
        require = _chosen("release", "require", [], "flow.why_no_gate")
    return [
        require,
        _either(channel, "release", "approve", release.approve, "flow.why_approve"),
    ]


def _use_settings(channel: Channel) -> list[Setting]:
    monitor = channel.monitor
    settings = [
        _declared("outlets", piece.name, piece.options or {}) for piece in channel.outlets
    ] or [_chosen("outlets", "server", {}, "flow.why_outlet")]
    settings += [
        _either(channel, "monitor", "window", monitor.window, "flow.why_window"),
        _either(channel, "monitor", "checks", [p.name for p in monitor.checks], "flow.why_monitor"),
    ]
    settings += [_declared("respond", rule.when.text, rule.do.name) for rule in channel.respond]
    return settings
