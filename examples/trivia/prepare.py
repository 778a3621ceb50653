"""Make questions with answers and the texts in which they stand, from facts about real films.

No set of labelled questions lies in a package, so these are made by templates: the films, their
years, genres and ratings are real (MovieLens 100K), the sentences are ours.
"""

import numpy as np
import polars as pl

from lingqu.data.assets import AssetData

SENTENCES = {
    "year": ["{film} came out in {year}.", "It was {year} when {film} was first shown.",
             "In {year}, {film} reached the cinemas."],
    "genre": ["{film} is a film of the kind {genre}.", "Of the kind {genre} is {film}.",
              "Shops file {film} under {genre}."],
    "people": ["{people} people rated {film}.", "{film} was rated by {people} people.",
               "There are {people} ratings of {film}."],
}  # fmt: skip
QUESTIONS = {
    "year": ["When did {film} come out?", "In which year was {film} first shown?"],
    "genre": ["What kind of film is {film}?", "Under what do shops file {film}?"],
    "people": ["How many people rated {film}?", "How many ratings are there of {film}?"],
}  # fmt: skip

draw = np.random.default_rng(0)
rated = AssetData("movielens").read().frame
films = rated.group_by("film", "genres").len("people").sort("people", "film", descending=True)
films = films.with_columns(
    film=pl.col("film").str.replace(r" \(\d{4}\).*$", ""),
    year=pl.col("film").str.extract(r"\((\d{4})\)"),
    genre=pl.col("genres").str.split("|").list.first().str.to_lowercase(),
)
facts = films.drop_nulls().unique("film", keep="first", maintain_order=True).to_dicts()


def one(texts: list[str], fact: dict[str, object]) -> str:
    return texts[draw.integers(len(texts))].format(**fact)


rows = []
for _ in range(2000):
    picked = [facts[place] for place in draw.choice(len(facts), 3, replace=False)]
    said = [one(SENTENCES[what], fact) for fact in picked for what in SENTENCES]
    asked, what = picked[draw.integers(3)], list(SENTENCES)[draw.integers(3)]
    context = " ".join(said[place] for place in draw.permutation(len(said)))
    rows.append((one(QUESTIONS[what], asked), context, str(asked[what])))
pl.DataFrame(rows, ["question", "text", "answer"], orient="row").write_csv("trivia.csv")
print(f"{len(rows)} questions about {len(facts)} films")
