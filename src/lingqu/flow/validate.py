"""Say it at the door: everything in a declaration that can be refused before the first byte."""

from __future__ import annotations

from lingqu.check.measures import ARGUMENTS, LIVE, MEASURES, known_measures
from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.made_scores import OF_PICTURES
from lingqu.core.metric_table import CUSTOM, NAMES, is_known, metric_of, named_by
from lingqu.core.metrics import RETURN, able, names
from lingqu.core.nouns import REPLIES
from lingqu.core.off_policy import NAMES as ESTIMATES
from lingqu.core.ranking_names import measured, parse
from lingqu.core.rules import Rule
from lingqu.core.spec import Channel
from lingqu.flow.contracts import with_rules
from lingqu.flow.imported import folder_of, model_file
from lingqu.flow.logged_rows import is_log
from lingqu.flow.pretrained import algorithms_of
from lingqu.learn.control import LOGGED
from lingqu.learn.custom_metric import known as own
from lingqu.learn.portfolio import FACTS, facts_of

CONTROL = tuple(name for name, facts in FACTS.items() if "control" in facts.tasks)
"""Learners of policies of our own."""


def validate(channel: Channel) -> None:
    """Refuse unknown pieces and options, a metric that does not exist, a learner of another task.

    Raises:
        SpecError: With the place in the file, what was expected and near names.
    """
    channel.validate_pieces()
    with_rules(channel, [(piece.name, piece.options) for piece in channel.govern or ()])
    _refuse_unknown_measures(channel)
    train = channel.train
    _refuse_metric(channel)
    if train.model is not None:
        model_file(channel).fingerprint(folder_of(channel))
    for index, (name, _) in enumerate(train.algorithms):
        tasks = facts_of(name).tasks
        if train.task not in tasks:
            raise SpecError(
                "flow.other_task",
                where=channel.where("train", "algorithm", index),
                name=name,
                tasks=", ".join(sorted(tasks)),
                task=train.task,
            )
        if train.task == "control":
            _refuse_other_family(channel, index, name)
    algorithms_of(channel)


def _refuse_other_family(channel: Channel, index: int, name: str) -> None:
    """Refuse a learner from logs in an environment, and one that acts for a log."""
    log = is_log(channel.train.task, channel.train)
    if log != (name in LOGGED) and name in CONTROL:
        known = [one for one in CONTROL if log == (one in LOGGED)]
        raise SpecError(
            "tables.other_family",
            where=channel.where("train", "algorithm", index),
            name=name,
            expected=", ".join(known),
        )


def _refuse_metric(channel: Channel) -> None:
    """Refuse a score that does not exist, or that answers of the task cannot have."""
    train = channel.train
    if train.metric is None:
        return
    if train.task == "recommend" and parse(train.metric) is not None:
        return
    if train.task == "control":
        able_to = ESTIMATES if is_log(train.task, train) else (RETURN,)
        if train.metric not in able_to:
            raise SpecError("tables.other_metric", metric=train.metric, expected=", ".join(able_to))
        return
    if train.task == "generate":
        if train.metric not in OF_PICTURES:
            raise SpecError(
                "generate.other_metric", metric=train.metric, expected=", ".join(OF_PICTURES)
            )
        return
    # Replies are compared by what is always measured of them.
    replies = train.task in REPLIES
    if ":" in train.metric and train.task != "recommend" and not replies:
        own(train.metric)
        return
    fitting = names(train.task) if replies else able(train.task)
    known = is_known(train.metric) and metric_of(train.metric).fits(train.task)
    if known and (not replies or train.metric in fitting):
        return
    if train.metric.partition("(")[0] in fitting:
        metric_of(train.metric)  # its own words say what is wrong with the number
    raise SpecError(
        "flow.bad_metric",
        where=channel.where("train", "metric"),
        metric=train.metric,
        task=train.task,
        near=catalog.near(train.metric, () if is_known(train.metric) else fitting),
        expected=", ".join(fitting),
    )


def _refuse_unknown_measures(channel: Channel) -> None:
    """Refuse rules on measures that no check delivers: such a rule would never hold or fire."""
    known = known_measures()
    foreign = set(catalog.names("checks")) - set(MEASURES)
    places: list[tuple[tuple[str | int, ...], Rule]] = [
        *((("release", "require", i), rule) for i, rule in enumerate(channel.release.require)),
        *((("respond", i, "when"), rule.when) for i, rule in enumerate(channel.respond)),
    ]
    for place, rule in places:
        at_gate = place[0] == "release"
        usable = [m for m, check in known.items() if not (at_gate and LIVE & {m, check})]
        for written, argument in rule.measures:
            if channel.train.task == "recommend" and parse(written) is not None:
                _refuse_other_length(channel, place, rule, written)
                continue
            measure = written if written in known else written.partition("@")[0]
            if known.get(measure) == "metrics" and at_gate:
                _refuse_foreign(channel, place, rule, written, argument)
            if measure in usable and known.get(measure) == "data":
                _refuse_unknown_argument(channel, place, rule, measure, argument)
            elif measure not in usable and measure.partition(".")[0] not in foreign:
                raise SpecError(
                    "flow.unknown_measure",
                    where=channel.where(*place),
                    rule=rule.text,
                    measure=measure,
                    near=catalog.near(measure, usable),
                )


def _refuse_other_length(
    channel: Channel, place: tuple[str | int, ...], rule: Rule, measure: str
) -> None:
    """Refuse a score of lists of a length that is not measured."""
    usable = measured(channel.train.top)
    if measure not in usable:
        raise SpecError(
            "flow.unknown_measure",
            where=channel.where(*place),
            rule=rule.text,
            measure=measure,
            near=catalog.near(measure, usable),
        )


def _refuse_foreign(
    channel: Channel, place: tuple[str | int, ...], rule: Rule, measure: str, argument: str
) -> None:
    """Refuse a metric that answers of the task never have: it would be unknown for ever."""
    task, base = channel.train.task, measure.partition("@")[0]
    if measure == CUSTOM:
        own(argument)
    elif base in NAMES and not metric_of(named_by(measure, argument)).fits(task):
        raise SpecError(
            "flow.foreign_metric",
            where=channel.where(*place),
            rule=rule.text,
            metric=measure,
            task=task,
            expected=", ".join(able(task)),
        )


def _refuse_unknown_argument(
    channel: Channel, place: tuple[str | int, ...], rule: Rule, measure: str, argument: str
) -> None:
    """Refuse an argument that a figure of the data never has: it would be unknown for ever."""
    known = ARGUMENTS.get(measure, ())
    if argument and argument not in known:
        forms = [f"{measure}({name})" for name in known]
        wanted = f"{measure}({argument})"
        raise SpecError(
            "flow.unknown_measure",
            where=channel.where(*place),
            rule=rule.text,
            measure=wanted,
            near=catalog.near(wanted, forms) if forms else measure,
        )
