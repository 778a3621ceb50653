"""One climb of the ladder of a model that writes: what is tried, when to stop, what is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import psutil
from numpy.typing import NDArray
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.i18n import Phrase, both, each, joined
from lingqu.core.nouns import Json, Member, Model
from lingqu.learn.deep.supervised import seeded
from lingqu.learn.loop import SIZE, Plan
from lingqu.learn.lora import adapt, merge
from lingqu.learn.pretrained.rungs import Lesson, threaded
from lingqu.learn.pretrained.writers.graphs import size_mb
from lingqu.learn.pretrained.writers.judging import Floats, Judge, gained
from lingqu.learn.pretrained.writers.options import Writes
from lingqu.learn.pretrained.writers.telling import Telling, Writer
from lingqu.learn.replies.reading import read
from lingqu.learn.replies.training import Training
from lingqu.release.replies import Run, reply_encoding
from lingqu.release.replies.decoder import Decoder
from lingqu.release.session import open_session

Name = Literal["prompt", "lora", "full"]
_ABOVE: tuple[Name, ...] = ("lora", "full")
_log = logging.getLogger("lingqu.learn")
_RATES: Mapping[str, float] = {"lora": 5e-4, "full": 5e-5}
_PLACES, _DEEP = 1024, 50_000_000
"""Places that are learned from at a time by a net of few weights, and by how many more of them they
become fewer: what is kept of each for the way back fills memory."""
_PASSES = 600
"""Rows that few rows are learned from, in whole passes; three passes at most."""
_LEAST = 0.2
"""Share of a pass below which it does not pay to begin."""
_BACK = 2.2
"""How much longer a step of learning takes than reading the rows alone."""
_WRITES = 15_000_000
"""Weights that are written as a graph, and compared with the net, in a second."""
_COPIES: Mapping[str, float] = {"prompt": 0.0, "lora": 1.0, "full": 5.0}
"""What is held beside the weights, in their size: gradients, moments, states to fall back on."""
_GRAPHS = 3.0
"""How many times a graph is held at once: written, stored, opened."""


@dataclass
class Made:
    """A rung that was fitted.

    Args:
        name: Of the rung.
        writer: The net, or None where it is to be made again.
        again: Makes it again.
        notes: What is told of it.
        scores: Of each held-out row.
    """

    name: Name
    writer: Writer | None
    again: Callable[[], Writer]
    notes: dict[str, Json] = field(default_factory=dict)
    scores: Floats | None = None

    def opened(self) -> Writer:
        """Return the net."""
        self.writer = self.writer or self.again()
        return self.writer


class Climb:
    """The rungs of one fit.

    Args:
        wish: What was asked for.
        algorithm: Name of the member.
        lesson: Rows and time.
        make: Returns the net of a rung as it came.
        replier: What answers as a release does.
    """

    def __init__(
        self, wish: Writes, algorithm: str, lesson: Lesson, make: Callable[[str], Writer],
        replier: Callable[[Mapping[str, Any]], Any] = Decoder,
    ) -> None:  # fmt: skip
        self._wish, self._algorithm, self._lesson, self._make = wish, algorithm, lesson, make
        self._rows = read(lesson.train)
        self._judge = Judge(lesson.valid, wish.task, replier) if len(lesson.valid) else None
        self._told: list[dict[str, Json]] = []
        self._said: list[Json] = []
        self._weights, self._folder = 0, ""

    def model(self) -> Model:
        """Return the best rung, or the one that was asked for.

        Raises:
            TrainError: It cannot be fitted in the memory that there is.
        """
        with threaded(self._lesson.budget.threads):
            if self._wish.rung == "auto" and self._judge is not None:
                made = self._best(self._judge)
            else:
                name: Name = "prompt" if self._wish.rung == "auto" else self._wish.rung
                made = self._prompt() if name == "prompt" else self._tuned(name)
                if self._judge is not None and self._wish.bits < 32:
                    self._look(made, self._judge)  # what fewer bits are held against
            return self._released(made)

    def _best(self, judge: Judge) -> Made:
        """Climb as long as held-out answers gain and time is left."""
        best = self._prompt()
        self._look(best, judge)
        why = Phrase("pretrained.why_top")
        for name in _ABOVE:
            if name == "full" and best.name == "lora":
                best.writer = None  # of a large net one at a time
            try:
                now = self._tuned(name, best if name == "lora" else None)
                self._look(now, judge)
            except TrainError as error:
                why = _reason(name, error)
                break
            assert best.scores is not None and now.scores is not None  # both were looked at
            gain, noise = gained(best.scores, now.scores)
            if gain > 0:
                best = now
            if gain <= noise:
                why = Phrase("pretrained.why_noise", {"rung": name, "gain": gain, "noise": noise})
                break
        self._said.append(self._story(best.name, why))
        return best

    def _look(self, made: Made, judge: Judge) -> None:
        """Let held-out rows be answered, and tell what came of it."""
        writer = made.opened()
        made.scores, nats = judge.look(writer, self._block(made, writer))
        score = float(made.scores.mean())
        self._told.append({"rung": made.name, "score": score, "nats": nats})
        _log.info("rung %s: score %.3f, %.3f nats a token, %.1f s left", made.name, score, nats,
                  self._lesson.left)  # fmt: skip

    def _prompt(self) -> Made:
        return Made("prompt", self._fresh("prompt"), lambda: self._make("prompt"))

    def _fresh(self, name: Name) -> Writer:
        """Return the net as it came.

        Raises:
            TrainError: There is not enough memory to do with it what the rung does.
        """
        writer = self._make(name)
        self._folder = writer.folder.name
        self._weights = sum(parameter.numel() for parameter in writer.net.parameters())
        limit, bits = self._lesson.budget.memory_mb, self._wish.bits
        need = psutil.Process().memory_info().rss / 1e6 + max(
            _COPIES[name] * 4e-6 * self._weights, _GRAPHS * size_mb(self._weights, bits)
        )
        if limit is not None and need > limit:
            raise TrainError("pretrained.writer_memory", rung=name, need=need, limit=limit,
                             bits=bits)  # fmt: skip
        return writer

    def _tuned(self, name: Name, below: Made | None = None) -> Made:
        """Learn with adapters or with all weights; the net of the rung below may be taken."""
        wish, budget = self._wish, self._lesson.budget
        if below is not None:
            below.writer = None
        spare, nets = [self._fresh(name)], list[Writer]()
        data, cut = spare[0].rows(self._rows.texts, self._rows.wanted)
        left = self._time_for(name, data)
        held = self._judge.rows(spare[0]) if self._judge is not None else []
        sample = tuple(data[key][:1] for key in spare[0].reads)

        def made() -> Telling:
            nets.append(spare.pop() if spare else self._make(name))
            if name == "lora":
                _adapted(nets[-1].net, wish.rank)
            return Telling(nets[-1])

        training = Training(
            self._algorithm, made, data, sample,
            (lambda task: task.judged(held)) if held else None, wish.patience,
        )  # fmt: skip
        task, notes = training.run(
            self._plan(name, data), replace(budget, seconds=left), self._lesson.progress,
            time.monotonic(),
        )  # fmt: skip
        if cut:
            self._said.append(both("replies.note_cut", rows=cut, of=len(self._rows.texts)))
        now = nets[-1]
        if name == "full":
            return Made(name, now, lambda: now, notes)
        learnt = {key.removeprefix("net."): each.clone() for key, each in task.state_dict().items()}
        merge(now.net)
        return Made(name, now, lambda: self._again(learnt), notes)

    def _again(self, learnt: Mapping[str, Tensor]) -> Writer:
        """Return the net with adapters that were learned before."""
        writer = self._make("lora")
        with seeded(self._lesson.budget.seed):
            _adapted(writer.net, self._wish.rank)
        writer.net.load_state_dict(dict(learnt), strict=False)
        merge(writer.net)
        return writer

    def _time_for(self, name: Name, data: Mapping[str, Tensor]) -> float:
        """Return the seconds that are left to learn in.

        Raises:
            TrainError: They are too few, and nobody asked for this rung alone.
        """
        judge = self._judge
        left = self._lesson.left - self._after_s - 1.3 * (judge.took_s if judge else 0.0)
        if judge is not None and self._wish.rung == "auto":
            cost = judge.pace * (1 + _BACK) * float(data[SIZE].sum()) * _LEAST
            if cost > left:
                raise TrainError("pretrained.no_time", rung=name, cost=cost, left=max(0.0, left))
        return max(0.01, left)

    @property
    def _after_s(self) -> float:
        """Return the expected seconds of what follows learning: a graph, and its comparison."""
        again = self._judge.took_s if self._judge and self._wish.bits < 32 else 0.0
        return self._weights / _WRITES + again

    def _plan(self, name: Name, data: Mapping[str, Tensor]) -> Plan:
        wish, rows = self._wish, len(self._rows.texts)
        epochs = wish.epochs or max(1, min(3, round(_PASSES / rows)))
        places = _PLACES / (1 + self._weights / _DEEP)
        batch = max(1, min(wish.batch, int(places / int(data[SIZE].max()))))
        return Plan.of(
            wish, epochs=epochs, batch=batch, accumulate=max(1, round(wish.batch / batch)),
            learning_rate=wish.learning_rate or _RATES[name], seed=self._lesson.budget.seed,
        )  # fmt: skip

    def _block(self, made: Made, writer: Writer) -> dict[str, Json]:
        """Return what travels beside the graph of a rung."""
        block = writer.block(self._rows.columns)
        wish = self._wish.wish(tuple((piece,) for piece in block["ends"])).to_json()
        # Who was not taught to end an answer goes on with the next question.
        line = ["\n"] if made.name == "prompt" and writer.goes_on else []
        return {**block, "wish": wish, "stop": [*self._wish.stop, *line]}

    def _released(self, made: Made) -> Model:
        """Return the model that is released, with notes of what was tried."""
        writer = made.opened()
        block = self._block(made, writer)
        graph, bits = self._written(made, writer, block)
        passes = {"epochs": made.notes["settled"]["epochs"]} if made.notes else {}
        notes: dict[str, Json] = {
            **made.notes, "rung": made.name, "ladder": self._told, "told": self._said,
            "bits": bits, "settled": {"rung": made.name, "bits": bits, **passes},
            "parameters": self._weights, "tried": len(self._told) or 1,
        }  # fmt: skip
        member = Member(self._algorithm, self._algorithm, 1.0,
                        reply_encoding(block, self._rows.left_out), graph, notes)  # fmt: skip
        return Model("answer", (), (member,))

    def _written(self, made: Made, writer: Writer, block: Mapping[str, Json]) -> tuple[bytes, int]:
        """Return the graph in as few bits as were asked for and do not hurt."""
        threads = self._lesson.budget.threads
        for bits in (4, 8, 32):
            if bits < self._wish.bits:
                continue
            graph = writer.graph(bits, threads)
            if bits == 32 or self._judge is None or made.scores is None:
                return graph, bits
            now = self._judge.scores(block, _asks(graph, threads))
            gain, noise = gained(made.scores, now)
            facts = {"bits": bits, "before": float(made.scores.mean()), "now": float(now.mean())}
            key = "kept" if gain >= -noise else "dropped"
            self._said.append(both(f"pretrained.bits_{key}", **facts))
            if gain >= -noise:
                return graph, bits
        raise AssertionError("32 bits are always kept")

    def _story(self, best: Name, why: Phrase) -> dict[str, Json]:
        """Return what is said of the climb, in both languages."""
        name = "answer_f1" if self._wish.task == "answer" else "chrf"
        facts = ({**told, "metric": name} for told in self._told)
        rungs = joined(Phrase("pretrained.rung_written", one) for one in facts)
        told = {"name": self._algorithm, "best": best, "folder": self._folder, "why": why}
        said = each(Phrase("pretrained.ladder", {**told, "rungs": rungs}))
        return {"en": said["en"], "zh": said["zh"]}


def _asks(graph: bytes, threads: int) -> Run:
    """Return what asks a graph."""
    session = open_session(graph, threads)

    def run(names: Sequence[str], feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        found: list[NDArray[Any]] = session.run(list(names), dict(feeds))
        return found

    return run


def _adapted(net: nn.Module, rank: int) -> None:
    """Put adapters beside the linear layers of a net, but for the head."""
    head: Any = net.get_output_embeddings()  # type: ignore[operator]
    names = [n for n, m in net.named_modules() if type(m) is nn.Linear and m is not head]
    adapt(net, *names, rank=rank, alpha=2.0 * rank)


def _reason(name: Name, error: TrainError) -> Phrase:
    """Return why a climb ended with a rung that could not be fitted."""
    if error.key == "pretrained.no_time":
        return Phrase("pretrained.why_time", {**error.facts, "rung": name})
    return Phrase("pretrained.why_failed", {"rung": name, "problem": str(error)})
