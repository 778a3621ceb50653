"""Charts: pure functions from data to SVG, drawn by the colours of the page.

Every chart is drawn at most 360 units wide, so that its text is readable on a phone without
scaling, and says what it shows to a screen reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingqu.core.i18n import Language
from lingqu.report.axes import HEIGHT, WIDTH, Axes, Point, rounded
from lingqu.report.markup import Html, spoken, tag

Words = Mapping[Language, str]


def canvas(width: float, height: float, title: Words, *parts: object, kind: str = "") -> Html:
    """Return a drawing with its name, for eyes and for screen readers."""
    return tag(
        "svg",
        *parts,
        viewBox=f"0 0 {width:g} {height:g}",
        class_=f"chart {kind}".strip(),
        role="img",
        **spoken("aria-label", title),
    )


def bar(value: float, low: float | None, high: float | None, title: Words) -> Html:
    """Return a bar from 0 to 1 with the whisker of its interval.

    Example:
        >>> bar(0.5, 0.4, 0.6, {"en": "half", "zh": "一半"}).count("<rect")
        2
    """
    full, middle = 150, 8
    parts: list[Html] = [
        tag("rect", x=0, y=4, width=full, height=8, class_="rail"),
        tag("rect", x=0, y=4, width=rounded(full * _unit(value)), height=8, class_="ink"),
    ]
    if low is not None and high is not None:
        parts.append(_whisker(full * _unit(low), full * _unit(high), middle))
    return canvas(full, 16, title, *parts, kind="cell")


def dot(value: float, low: float | None, high: float | None, scale: Point, title: Words) -> Html:
    """Return a dot with whiskers on a scale shared by its neighbours.

    Args:
        value: What was measured.
        low: Lower end of the interval, or None.
        high: Upper end, or None.
        scale: Smallest and greatest number of the scale.
        title: What it is.
    """
    full, middle = 190, 10
    start, end = scale
    width = (end - start) or 1.0

    def place(number: float) -> float:
        return 6 + (full - 12) * _unit((number - start) / width)

    parts = [tag("line", x1=0, x2=full, y1=middle, y2=middle, class_="rule")]
    if low is not None and high is not None:
        parts.append(_whisker(place(low), place(high), middle))
    parts.append(tag("circle", cx=rounded(place(value)), cy=middle, r=4, class_="ink"))
    return canvas(full, 20, title, *parts, kind="cell")


def _whisker(start: float, end: float, middle: float) -> Html:
    a, b = rounded(start), rounded(end)
    path = f"M{a} {middle - 4}V{middle + 4}M{a} {middle}H{b}M{b} {middle - 4}V{middle + 4}"
    return tag("path", d=path, class_="whisker")


def histogram(counts: Sequence[float], title: Words) -> Html:
    """Return a small histogram without axes, for a cell of a table."""
    full, tall = 120, 30
    most = max(counts, default=0) or 1
    step = full / max(1, len(counts))
    bars = []
    for index, count in enumerate(counts):
        if count:
            # A bin that is not empty is seen, however rare it is.
            height = max(1.0, tall * count / most)
            start, width = rounded(index * step), rounded(step * 0.86)
            bars.append(f"M{start} {tall}v{rounded(-height)}h{width}V{tall}z")
    return canvas(full, tall, title, tag("path", d="".join(bars), class_="ink"), kind="cell")


def lines(series: Sequence[tuple[str, Sequence[Point]]], title: Words, below: Words) -> Html:
    """Return curves over a common axis.

    Args:
        series: Style (``solid``, ``dashed``) and points of each curve, x ascending.
        title: What is shown.
        below: Name of the x axis.
    """
    axes = Axes.around([point for _, points in series for point in points])
    drawn = [tag("path", d=axes.path(points), class_=f"curve {style}") for style, points in series]
    return canvas(WIDTH, HEIGHT, title, axes.frame(below), *drawn)


def steps(points: Sequence[Point], title: Words, below: Words) -> Html:
    """Return the best value so far over time, as a stair with a dot where it rose."""
    axes = Axes.around(points)
    stair: list[Point] = []
    for x, y in points:
        if stair:
            stair.append((x, stair[-1][1]))
        stair.append((x, y))
    dots = [tag("circle", cx=x, cy=y, r=3.5, class_="ink") for x, y in (axes.at(p) for p in points)]
    path = tag("path", d=axes.path(stair), class_="curve solid")
    return canvas(WIDTH, HEIGHT, title, axes.frame(below), path, *dots)


def reliability(curve: Sequence[Mapping[str, float]], title: Words, below: Words) -> Html:
    """Return confidence against how often it was right, with intervals and the ideal line.

    Source: Guo et al. 2017, arXiv:1706.04599, figure 4 (without the gap bars).
    """
    floor = min([0.5, *(min(row["confidence"], row.get("low", 1.0)) for row in curve)])
    floor = int(floor * 10) / 10
    axes = Axes(floor, 1.0, floor, 1.0)
    drawn = [tag("path", d=axes.path([(floor, floor), (1.0, 1.0)]), class_="curve ideal")]
    for row in curve:
        x, y = axes.at((row["confidence"], row["accuracy"]))
        if row.get("low") is not None and row.get("high") is not None:
            top, bottom = axes.at((0, row["high"]))[1], axes.at((0, row["low"]))[1]
            drawn.append(tag("path", d=f"M{x} {top}V{bottom}", class_="whisker"))
        drawn.append(tag("circle", cx=x, cy=y, r=4, class_="ink"))
    return canvas(WIDTH, HEIGHT, title, axes.frame(below), *drawn)


def scatter(points: Sequence[Point], title: Words, below: Words, line: str = "equal") -> Html:
    """Return points with the line they should lie on: ``equal`` (y = x) or ``zero`` (y = 0)."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if line == "equal":
        start, end = min(xs + ys), max(xs + ys)
        axes = Axes(start, end, start, end)
        ideal: list[Point] = [(start, start), (end, end)]
    else:
        far = max(map(abs, ys), default=1.0) or 1.0
        axes = Axes(min(xs), max(xs), -far, far)
        ideal = [(axes.left, 0.0), (axes.right, 0.0)]
    dots = "".join(f"M{x} {y}h0" for x, y in (axes.at(point) for point in points))
    drawn = [
        tag("path", d=axes.path(ideal), class_="curve ideal"),
        tag("path", d=dots, class_="dots"),
    ]
    return canvas(WIDTH, HEIGHT, title, axes.frame(below), *drawn)


def heat(grid: Sequence[Sequence[float]], title: Words) -> Html:
    """Return a map of where the answers look: the darker a block, the more hiding it costs."""
    most = max((value for row in grid for value in row), default=0.0) or 1.0
    size = 20
    blocks = [
        tag(
            "rect", x=column * size, y=row * size, width=size, height=size, class_="ink",
            opacity=rounded(max(0.0, value) / most),
        )
        for row, values in enumerate(grid)
        for column, value in enumerate(values)
        if value > most / 100
    ]  # fmt: skip
    width, height = size * max(map(len, grid), default=1), size * len(grid)
    edge = tag("rect", x=0, y=0, width=width, height=height, class_="edge")
    return canvas(width, height, title, edge, *blocks, kind="map")


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
