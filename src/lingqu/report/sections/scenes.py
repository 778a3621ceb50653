"""Scenes: pictures of the test part with the boxes that were said, and the true ones dashed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.report.boxes import overlay
from lingqu.report.markup import Html, figure, join, say, tag

Document = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the section."""
    scenes = document.get("scenes") or ()
    wrong = sum(scene["wrong"] > 0 for scene in scenes)
    lead = say("report.scenes_shown", count=len(scenes), wrong=wrong)
    return join([tag("p", lead), tag("div", *map(_scene, scenes), class_="looked")])


def _scene(scene: Mapping[str, Any]) -> Html:
    facts = {"row": figure(int(scene["row"]) + 1), "said": len(scene["said"]),
             "true": len(scene["truth"])}  # fmt: skip
    drawn = overlay(scene["picture"], scene["said"], scene["truth"])
    caption = tag("figcaption", say("report.scene", **facts))
    return tag("figure", tag("div", drawn, class_="scene"), caption)
