"""How runs, candidates, findings and comparisons are shown to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import typer

from lingqu.cli.leaderboard import print_forms, print_leaderboard, reason_of
from lingqu.cli.session import print_table, short
from lingqu.core.i18n import language, text
from lingqu.core.nouns import Finding, Run

HEADLINES = (
    "accuracy", "roc_auc", "f1", "log_loss", "coverage", "interval_width", "smape", "rmse", "r2",
    "mae", "balanced_accuracy", "recall@10", "mrr@10", "catalogue_coverage", "novelty", "chrf",
    "bleu", "perplexity", "recall_at_1", "mrr", "answer_f1", "exact_match", "token_accuracy",
    "token_f1", "span_f1", "fid", "c2st", "tstr", "copies", "nearest.ratio", "variety",
)  # fmt: skip
"""Test metrics in the order in which they fill the places beside the one that decided."""
MOST_METRICS = 5
_JUDGES = frozenset({"metrics", "generated"})
"""Checks whose measures say how good a model is."""
OF_POLICIES = frozenset({"policy", "off_policy"})
"""Checks of policies, which have no single answers to be right or wrong."""
MOST_OF_POLICIES = 7
_NAMED = 3
"""Failures that a run names; `show` has them all."""
_ORDER = ("fail", "unknown", "pass", "note")


def stage_name(name: str) -> str:
    """Return the word for a stage: ``train #2`` is the second attempt at the algorithm."""
    word, _, attempt = name.partition(" ")
    return f"{text(f'cli.stage_{word}')} {attempt}".rstrip()


def headings(room: str) -> Callable[..., list[str]]:
    """Return the function that gives headings of columns in the words of a room of messages."""
    return lambda *names: [text(f"{room}.head_{name}") for name in names]


heads = headings("cli")


def cut(said: str, most: int) -> str:
    """Return a cell of at most so many characters.

    Example:
        >>> cut("Lingqu", 6), cut("Lingqu", 4)
        ('Lingqu', 'Lin…')
    """
    return said if len(said) <= most else f"{said[: most - 1]}…"


def shown_score(metric: str, score: float | None) -> str:
    """Return a score as people read it: inside, a greater score is always the better one.

    Example:
        >>> shown_score("roc_auc", 0.5), shown_score("rmse", -12.5), shown_score("rmse", None)
        ('0.5', '12.5', '')
    """
    from lingqu.core.metrics import greater_is_better

    if score is None:
        return ""
    if ":" in metric:  # a function of the user, which only those who choose need to load
        return number(score)
    return number(score if greater_is_better(metric) else -score)


def number(value: float | None) -> str:
    """Return a number with four significant digits, never in exponents people stumble over.

    Example:
        >>> number(0.98761), number(1234567.0), number(0.00001234), number(None)
        ('0.9876', '1234567', '1.23e-05', '')
    """
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}" if abs(value) >= 0.0001 or value == 0 else f"{value:.2e}"


def interval(finding: Finding) -> str:
    """Return the 95 % interval of a finding, or nothing."""
    if finding.low is None or finding.high is None:
        return ""
    return f"{number(finding.low)} – {number(finding.high)}"


def print_run(done: Run, findings: Iterable[Finding] = (), full: bool = False) -> None:
    """Print how a run went: stages, candidates, test metrics, what the gate said.

    Args:
        done: The run.
        findings: What the checks saw.
        full: Whether candidates are shown with errors and costs, and why one won.
    """
    stages = [
        (stage_name(s.name), text(f"cli.state_{s.state}"), f"{s.seconds:.2f} s")
        for s in done.stages
    ]
    title = text("cli.run_title", id=done.id, channel=done.channel)
    print_table(title, heads("stage", "state", "time"), stages)
    trained = [s.result for s in done.stages if s.name.startswith("train") and s.result]
    if trained:
        shown = print_leaderboard if full else print_candidates
        metric = str(trained[-1]["metric"])
        shown(trained[-1]["candidates"], metric)
        print_forms((trained[-1].get("account") or {}).get("forms", ()), metric)
    summary = done.summary
    if "error" in summary:
        typer.echo(f"{text('cli.error')}{summary['error']}")
    elif "metric" in summary:
        seen = list(findings)
        print_metrics(str(summary["metric"]), seen, _test_title(summary))
        _print_gate(done, seen, full)


def print_candidates(candidates: Sequence[Mapping[str, Any]], metric: str) -> None:
    """Print the leaderboard as it was placed: also what failed, with the reason."""
    rows = [
        (
            c["name"],
            text(f"cli.state_{c['state']}"),
            shown_score(metric, c["score"]),
            f"{c['weight']:.0%}" if c["weight"] else "",
            f"{c['seconds']:.2f} s",
            reason_of(c),
        )
        for c in candidates
    ]
    title = text("cli.candidates_title", metric=metric)
    columns = heads("candidate", "state", "validation", "weight", "time", "why")
    print_table(title, columns, rows)


def print_notes(done: Run) -> None:
    """Print how the chosen model came about: what was weighed, and what helped on held-out rows."""
    trained = [s.result for s in done.stages if s.name.startswith("train") and s.result]
    notes = trained[-1].get("notes", ()) if trained else ()
    if notes:
        typer.echo(f"\n{text('cli.notes_title')}")
    for note in notes:
        typer.echo(f"  · {note[language()]}")


def headline(metric: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return the test metrics that matter: the one that decided first, at most five.

    Of a policy, what it brought, or would have brought in the log, in the order of the check.
    """
    findings = list(findings)
    policies = [f for f in findings if f.check in OF_POLICIES and f.value is not None]
    if policies:
        return policies[:MOST_OF_POLICIES]
    measured = [f for f in findings if f.check in _JUDGES and f.value is not None]
    known = {f.subject: f for f in measured}
    named = metric if metric in known else f"custom({metric})"
    wanted = dict.fromkeys((named, *HEADLINES))
    return [known[name] for name in wanted if name in known][:MOST_METRICS]


def _test_title(summary: Mapping[str, Any]) -> str:
    """Return what is to be known of the test rows of a run."""
    if summary.get("imported"):
        return text("cli.test_title_imported")
    return text("cli.test_title_twice" if summary.get("other_attempt") else "cli.test_title")


def print_metrics(metric: str, findings: Iterable[Finding], title: str) -> None:
    """Print the test metrics that matter, with their intervals.

    Args:
        metric: The one that decided.
        findings: What the checks saw.
        title: What is to be known of the test rows.
    """
    rows = [(f.subject, number(f.value), interval(f), str(f.n)) for f in headline(metric, findings)]
    if rows:
        print_table(
            title,
            heads("measure", "value", "interval", "rows"),
            rows,
        )


def _print_gate(done: Run, findings: Sequence[Finding], full: bool) -> None:
    other = done.summary.get("other_attempt")
    if other:
        typer.echo(text("cli.other_attempt", actions=", ".join(done.summary["actions"])))
        _print_requirements(other)
        typer.echo(text("cli.kept_attempt"))
    gate = done.summary["gate"]
    _print_requirements(gate)
    _print_blocking(gate["blocking"], findings)
    state = text(f"cli.state_{done.summary['state']}")
    typer.echo(text("cli.run_release", release=short(done.release), state=state))
    if not full:
        _print_let_pass(done.channel, gate, findings)


def _print_blocking(subjects: Sequence[str], findings: Sequence[Finding]) -> None:
    """Print what blocks by itself; what could not be judged says why."""
    known = {finding.subject: finding for finding in findings}
    for subject in subjects:
        finding = known.get(subject)
        verdict = finding.verdict if finding is not None else "fail"
        typer.echo(f"  {text(f'cli.verdict_{verdict}')}  {subject}")
        if finding is not None and verdict == "unknown" and finding.evidence.get("why"):
            why = finding.evidence.get("why_zh") if language() == "zh" else None
            typer.echo(f"    → {why or finding.evidence['why']}")


def _print_let_pass(channel: str, gate: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    """Name what failed and blocks nothing: an approval does not say that all is well."""
    required = " ".join(requirement["text"] for requirement in gate["requirements"])
    failed = [
        finding.subject
        for finding in findings
        if finding.verdict == "fail"
        and finding.subject not in gate["blocking"]
        and finding.measure not in required
    ]
    if failed:
        more = f" (+{len(failed) - _NAMED})" if len(failed) > _NAMED else ""
        said = ", ".join(failed[:_NAMED]) + more
        typer.echo(text("cli.let_pass", subjects=said, channel=channel))


def _print_requirements(gate: Mapping[str, Any]) -> None:
    for requirement in gate["requirements"]:
        seen = "; ".join(requirement["seen"] or [f"? {m}" for m in requirement["missing"]])
        verdict = text(f"cli.verdict_{requirement['verdict']}")
        typer.echo(f"  {verdict}  {requirement['text']}   ({seen})")
        for reason in requirement.get("reasons", ()):
            typer.echo(f"    → {reason[language()]}")


def print_findings(findings: Sequence[Finding], everything: bool = False) -> None:
    """Print findings, failures first.

    What passed is folded to one line a measure, and measures that nobody judged are left out,
    unless `everything` is wanted.
    """
    ordered = sorted(findings, key=lambda f: _ORDER.index(f.verdict))
    shown = ordered if everything else [f for f in ordered if f.verdict != "note"]
    rows = []
    for finding, count in [(f, 1) for f in shown] if everything else _folded(shown):
        subject = finding.subject if count == 1 else f"{finding.measure} × {count}"
        rows.append(
            (
                subject,
                number(finding.value),
                interval(finding) if count == 1 else "",
                str(finding.n or ""),
                text(f"cli.verdict_{finding.verdict}"),
            )
        )
    columns = heads("measure", "value", "interval", "rows", "verdict")
    print_table(text("cli.findings_title"), columns, rows)
    for advice in dict.fromkeys(f.advice for f in shown if f.advice and f.verdict == "fail"):
        typer.echo(f"  → {text(advice)}")
    hidden = len(ordered) - len(shown)
    if hidden:
        typer.echo(text("cli.findings_hidden", count=hidden))


def _folded(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Return one line for each measure that passed throughout, with its largest value."""
    passed: dict[str, list[Finding]] = {}
    lines: list[tuple[Finding, int]] = []
    for finding in findings:
        if finding.verdict == "pass":
            passed.setdefault(finding.measure, []).append(finding)
        else:
            lines.append((finding, 1))
    for group in passed.values():
        largest = max(group, key=lambda f: f.value if f.value is not None else float("-inf"))
        lines.append((largest, len(group)))
    return lines


def print_comparison(
    first: str, second: str, rows: Sequence[Mapping[str, Any]], everything: bool = False
) -> None:
    """Print the measures of two runs side by side; those that are the same are only counted."""
    marks = {True: text("cli.apart"), False: text("cli.overlap"), None: ""}
    shown = [r for r in rows if everything or r["change"] != 0]
    print_table(
        text("cli.compare_title", first=first, second=second),
        [text("cli.head_measure"), "1", "2", text("cli.head_change"), ""],
        [
            (
                r["measure"],
                number(r["first"]),
                number(r["second"]),
                "" if r["change"] is None else f"{r['change']:+.4g}",
                marks[r["apart"]],
            )
            for r in shown
        ],
    )
    if len(shown) < len(rows):
        typer.echo(text("cli.compare_same", count=len(rows) - len(shown)))
