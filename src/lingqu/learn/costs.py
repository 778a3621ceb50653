"""What one fit is expected to cost, in CPU seconds on one core of a common machine.

Kept apart from the algorithms, so that planning a run does not import scikit-learn or torch.
The factors were fitted by hand to runs on two cores, those of tables to what
`benchmarks/portfolio.py` measured; only their ratios matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Cost = Callable[[int, int, int], float]
"""(rows, columns, classes) → CPU seconds; classes is 0 for a regression."""

SMALL = 4000
"""Rows above which methods that compare all rows with each other become prohibitive."""


def constant(rows: int, columns: int, classes: int) -> float:
    """Reading the rows is all."""
    return 0.01 + 1e-8 * rows * columns


def logistic(rows: int, columns: int, classes: int) -> float:
    """A hundred passes of one matrix product each."""
    return 0.03 + 1e-7 * rows * columns * math.sqrt(max(1, classes - 1))


def ridge(rows: int, columns: int, classes: int) -> float:
    """One singular value decomposition."""
    return 0.03 + 4e-9 * rows * columns * min(rows, columns)


def elastic_net(rows: int, columns: int, classes: int) -> float:
    """Some hundreds of gradients over a dozen of penalties."""
    return 0.05 + 1.7e-5 * rows * columns * math.sqrt(max(1, classes))


def naive_bayes(rows: int, columns: int, classes: int) -> float:
    """Two passes over the rows."""
    return 0.02 + 3e-8 * rows * columns * max(2, classes)


def kernel_ridge(rows: int, columns: int, classes: int) -> float:
    """A choice on few rows, then one solve that is cubic in rows; at most `SMALL` are used."""
    seconds = 0.4 + 3e-11 * rows * rows * rows
    return seconds if rows <= SMALL else 10 * seconds


def rbf_svm(rows: int, columns: int, classes: int) -> float:
    """Quadratic in rows, for each of five settings.

    Example:
        >>> rbf_svm(2000, 20, 2) * 10 < rbf_svm(8000, 20, 2)
        True
    """
    seconds = 0.1 + 3e-9 * rows * rows * (columns + 10)
    return seconds if rows <= SMALL else 10 * seconds


def k_neighbours(rows: int, columns: int, classes: int) -> float:
    """All distances between validation and training rows."""
    seconds = 0.02 + 4e-10 * rows * rows * (columns + 20)
    return seconds if rows <= SMALL else 10 * seconds


def lightgbm(rows: int, columns: int, classes: int) -> float:
    """Some 200 rounds, one tree per class and round.

    Of very many columns reading them as well, and fewer rounds: it ends in time, and the first
    forty find what no learner of all columns at once can.

    Example:
        >>> lightgbm(1600, 10_000, 2) > 50 * lightgbm(1600, 100, 2)
        True
    """
    trees, more = 200 * (classes if classes > 2 else 1), max(0, columns - 500)
    rounds = trees * (2e-4 + 2e-9 * rows * min(columns, 500) + 4e-6 * more)
    return 0.1 + rounds + 2.5e-7 * rows * more


def random_forest(rows: int, columns: int, classes: int) -> float:
    """Some 100 to 300 trees, each on so many columns a split."""
    trees = 300 if rows <= 2000 else 200 if rows <= 20_000 else 100
    drawn = min(rows, 200_000)
    looked = math.sqrt(columns) if classes else columns / 2
    return 0.1 + trees * (8e-4 + 1.6e-7 * drawn * (looked + 2) * math.log2(drawn + 2) / 10)


def extra_trees(rows: int, columns: int, classes: int) -> float:
    """The same without sorting, with more leaves: two thirds of the time."""
    return 0.1 + 0.7 * random_forest(rows, columns, classes)


def xgboost(rows: int, columns: int, classes: int) -> float:
    """Some 200 rounds, one tree per class and round."""
    return 0.05 + 1.2 * lightgbm(rows, columns, classes)


def catboost(rows: int, columns: int, classes: int) -> float:
    """Up to a thousand rounds; of more classes each is so many times as dear."""
    rounds = 600 * max(1.0, (classes if classes > 2 else 1) / 2)
    return 0.3 + rounds * (1e-3 + 3e-8 * rows * math.pow(min(columns, 500), 0.7))


def ebm(rows: int, columns: int, classes: int) -> float:
    """So many rounds over the columns for each bag."""
    bags = 3 if rows <= 3000 else 2 if rows <= 20_000 else 1
    several = classes if classes > 2 else 1
    return 0.5 + bags * columns * several * (0.02 + 1.5e-6 * rows)


def mlp_batch(rows: int) -> int:
    """Return the rows of a step that suit a table of so many rows."""
    return max(16, min(256, 1 << (rows // 24).bit_length()))


def mlp_epochs(rows: int, batch: int) -> int:
    """Return the passes that suit so many rows: some 600 steps, at least 6 passes, at most 60.

    Example:
        >>> mlp_epochs(1437, mlp_batch(1437))
        26
    """
    return max(6, min(60, 600 * batch // max(rows, 1)))


def mlp(rows: int, columns: int, classes: int) -> float:
    """So many steps of a small net, each of so many products."""
    batch = mlp_batch(rows)
    steps = mlp_epochs(rows, batch) * max(1.0, rows / batch)
    return 0.1 + steps * (3e-4 + 1.5e-8 * batch * (columns + 64))


def tabm_batch(rows: int) -> int:
    """Return the rows of a step that suit a table of so many rows."""
    return max(32, min(256, 1 << (rows // 48).bit_length()))


def tabm_epochs(rows: int, batch: int) -> int:
    """Return the passes that suit so many rows: some 1 000 steps, at least 8 passes, at most 50.

    Example:
        >>> tabm_epochs(3000, tabm_batch(3000))
        21
    """
    return max(8, min(50, 1000 * batch // max(rows, 1)))


def tabm(rows: int, columns: int, classes: int) -> float:
    """So many steps, in each of which a row goes through four heads of sixteen."""
    batch = tabm_batch(rows)
    steps = tabm_epochs(rows, batch) * max(1.0, rows / batch)
    return 0.2 + steps * (2e-3 + 1.2e-5 * batch * (0.5 + min(columns, 100) / 50))


def net(rows: int, columns: int, classes: int) -> float:
    """A text counts as 200 columns, a picture as its pixels; each is looked at in every pass.

    Measured for short notes beside pictures; texts of a hundred words take up to ten times longer.

    Example:
        >>> net(2000, 200, 2) > 3 * net(2000, 20, 2)
        True
    """
    return 0.5 + net_epochs(rows, net_batch(rows)) * rows * (2e-5 + 1.2e-6 * columns)


def net_batch(rows: int) -> int:
    """Return the rows of a step that suit a net of texts and pictures."""
    return min(64, mlp_batch(rows))


def net_epochs(rows: int, batch: int) -> int:
    """Return the passes that suit it: a third of those of a table, at least four."""
    return max(4, mlp_epochs(rows, batch) // 3)


def cnn(rows: int, columns: int, classes: int) -> float:
    """Ten epochs of a small convolutional net; columns are pixels, of which it reads so many."""
    return 0.1 + 6e-6 * rows * min(max(columns, 1), 64 * 64)


def one_series(rows: int, columns: int, classes: int) -> float:
    """Reading the rows as series, and one pass over them."""
    return 0.03 + 1e-6 * rows


def ets(rows: int, columns: int, classes: int) -> float:
    """Some 280 settings side by side over the tails."""
    return 0.1 + 8e-5 * min(rows, 400_000)


def theta(rows: int, columns: int, classes: int) -> float:
    """Seven weights, on values and on logarithms, at two origins."""
    return 0.05 + 1e-5 * rows


def arima(rows: int, columns: int, classes: int) -> float:
    """A search over orders, series by series."""
    return 0.3 + 1e-3 * rows


def fracast(rows: int, columns: int, classes: int) -> float:
    """One pass of a network over each series, of which there may be one in a hundred rows."""
    return 0.2 + 4e-4 * rows


def lag_linear(rows: int, columns: int, classes: int) -> float:
    """Examples, and one solve per penalty."""
    return 0.1 + 2e-5 * min(20_000, 10 * rows)


def lag_trees(rows: int, columns: int, classes: int) -> float:
    """Examples, and trees on them twice: once to find how many."""
    return 0.5 + 1e-4 * min(40_000, 10 * rows)


def gru(rows: int, columns: int, classes: int) -> float:
    """Examples, and some 1,500 steps of 256 of them, each a walk through the past."""
    return 1.0 + 1.4e-3 * min(20_000, 10 * rows)


def transformer(rows: int, columns: int, classes: int) -> float:
    """The same with a few pieces of the past that look at each other."""
    return 1.0 + 2.3e-3 * min(20_000, 10 * rows)


def mahalanobis(rows: int, columns: int, classes: int) -> float:
    """Reading, a few rounds of concentration, one small inverse."""
    wide = min(columns, 400)
    return 0.05 + 3e-6 * rows * (1 + wide / 20)


def column_tails(rows: int, columns: int, classes: int) -> float:
    """One sort of each column."""
    return 0.05 + 4e-7 * rows * columns


def linear_autoencoder(rows: int, columns: int, classes: int) -> float:
    """As the distance, and one decomposition."""
    return 0.05 + 4e-6 * rows * (1 + min(columns, 400) / 20)


def isolation_forest(rows: int, columns: int, classes: int) -> float:
    """Small trees whatever the rows are, and every row down each of them."""
    return 0.5 + 2e-5 * min(rows, 200_000)


def lof(rows: int, columns: int, classes: int) -> float:
    """Distances of at most so many rows to a thousand kept ones."""
    return 0.1 + 4e-5 * min(rows, 20_000) * (1 + columns / 200)


def labelled_forest(rows: int, columns: int, classes: int) -> float:
    """Two hundred trees on at most five thousand rows that nobody called odd."""
    return 0.3 + 2e-5 * min(rows, 10_000) * math.sqrt(columns) + 1e-7 * rows * columns


def seasonal_residual(rows: int, columns: int, classes: int) -> float:
    """Medians of slots, for each season that could be."""
    return 0.1 + 2e-6 * rows * columns


def autoencoder(rows: int, columns: int, classes: int) -> float:
    """Six hundred batches of a small net."""
    return 1.0 + 3e-6 * min(rows, 200_000) * (1 + columns / 50)


def sequential_trees(rows: int, columns: int, classes: int) -> float:
    """A tree a column, each of which reads those before it."""
    return 0.05 + 2e-7 * min(rows, 50_000) * columns * columns / 2


def table_vae(rows: int, columns: int, classes: int) -> float:
    """Some forty passes of a small net over all cells."""
    return 1.0 + 1e-4 * rows * columns


def table_gan(rows: int, columns: int, classes: int) -> float:
    """Some sixty passes of two nets."""
    return 1.5 + 2e-4 * rows * columns


def picture_vae(rows: int, columns: int, classes: int) -> float:
    """Two passes over the pictures: it ends where the budget does."""
    return 0.5 + 3e-4 * rows


def picture_vae_epochs(rows: int) -> int:
    """Return the passes that suit it: some 2,000 steps of 64 rows, from 4 to 100 passes."""
    return max(4, min(100, round(2000 * 64 / max(1, rows))))


def picture_gan(rows: int, columns: int, classes: int) -> float:
    """Two passes of two nets over the pictures: it ends where the budget does."""
    return 0.7 + 6e-4 * rows


def picture_gan_epochs(rows: int) -> int:
    """Return the passes that suit it: some 1,300 steps of 64 rows, from 3 to 60 passes."""
    return max(3, min(60, round(1300 * 64 / max(1, rows))))


def wgan_gp(rows: int, columns: int, classes: int) -> float:
    """Two passes, with several steps of the critic to each batch."""
    return 1.0 + 2e-3 * rows


def usual_boxes(rows: int, columns: int, classes: int) -> float:
    """Reading the pictures is most of it."""
    return 0.05 + 2e-4 * rows


def centres(rows: int, columns: int, classes: int) -> float:
    """Some ten passes over pictures of 96 × 72 pixels: with less it finds little."""
    return 1.0 + 6e-3 * rows * 10


def centres_epochs(rows: int) -> int:
    """Return the passes that suit it: some 1,000 steps of 16 pictures, from 12 to 80 passes.

    Example:
        >>> centres_epochs(100), centres_epochs(400), centres_epochs(10_000)
        (80, 40, 12)
    """
    return max(12, min(80, round(1000 * 16 / max(1, rows))))


def cosine(rows: int, columns: int, classes: int) -> float:
    """Encoding both sides, and one product."""
    return 0.05 + 4e-8 * rows * columns


def siamese(rows: int, columns: int, classes: int) -> float:
    """A pair for each thing, about; in a pass each is looked at twice.

    Example:
        >>> siamese(4000, 500, 2) > siamese(1000, 500, 2)
        True
    """
    things = max(1, rows // 2)
    return 0.5 + siamese_epochs(things) * things * (5e-5 + 1.2e-6 * columns)


def siamese_epochs(things: int) -> int:
    """Return the passes that suit it: some 1,200 steps of 64 things, from 10 to 60 passes."""
    return max(10, min(60, round(1200 * 64 / max(1, things))))


def popularity(rows: int, columns: int, classes: int) -> float:
    """Counting, and a list for each user that is judged."""
    return 0.05 + 1e-6 * rows


def item_knn(rows: int, columns: int, classes: int) -> float:
    """All items are compared with all."""
    return 0.2 + 2e-6 * rows + 2e-7 * classes * classes


def ease(rows: int, columns: int, classes: int) -> float:
    """One inverse that is cubic in the items."""
    return 0.2 + 2e-6 * rows + 1e-10 * classes**3


def als(rows: int, columns: int, classes: int) -> float:
    """Fifteen rounds of small solves for every user and item."""
    return 0.5 + 1.5e-5 * rows + 1e-4 * classes


def bpr(rows: int, columns: int, classes: int) -> float:
    """A hundred rounds over what was taken."""
    return 0.5 + 3e-5 * rows + 1e-4 * classes


def two_tower(rows: int, columns: int, classes: int) -> float:
    """Eight hundred batches, whose histories are as wide as the catalogue."""
    return 2.0 + 1e-6 * rows + 4e-3 * classes


def usual_tags(rows: int, columns: int, classes: int) -> float:
    """Counting tokens."""
    return 0.05 + 2e-5 * rows


def tagger(rows: int, columns: int, classes: int) -> float:
    """One pass over rows of some 50 tokens: it ends where the budget does."""
    return 1.0 + 1.2e-3 * rows


def tagger_batch(rows: int) -> int:
    """Return the rows of a step: some 30 steps a pass at least, 32 rows at most."""
    return max(4, min(32, rows // 30))


def tagger_epochs(rows: int) -> int:
    """Return the passes that suit it: some 1,500 steps, from 5 to 40 passes."""
    return max(5, min(40, round(1500 * tagger_batch(rows) / max(1, rows))))


def decoder(rows: int, columns: int, classes: int) -> float:
    """One pass over rows of some 80 characters: it ends where the budget does."""
    return 1.0 + 3e-3 * rows


def decoder_epochs(rows: int) -> int:
    """Return the passes that suit it: some 3,000 steps of 16 rows, from 3 to 40 passes."""
    return max(3, min(40, round(3000 * 16 / max(1, rows))))


def embedder(rows: int, columns: int, classes: int) -> float:
    """Two passes over both sides of each row: it ends where the budget does."""
    return 1.0 + 8e-4 * rows


def embedder_epochs(rows: int) -> int:
    """Return the passes that suit it: some 1,000 steps of 64 rows, from 5 to 60 passes."""
    return max(5, min(60, round(1000 * 64 / max(1, rows))))


def reader(rows: int, columns: int, classes: int) -> float:
    """Two passes over rows of some 60 words: it ends where the budget does."""
    return 1.0 + 3e-3 * rows


def reader_epochs(rows: int) -> int:
    """Return the passes that suit it: some 1,500 steps of 32 rows, from 5 to 40 passes."""
    return max(5, min(40, round(1500 * 32 / max(1, rows))))


def memory(rows: int, columns: int, classes: int) -> float:
    """Counting runs of characters, and some passes over the counts."""
    return 0.1 + 3e-4 * rows


def pretrained(rows: int, columns: int, classes: int) -> float:
    """Reading every row with an encoder of some twenty million weights, which must be loaded."""
    return 3.0 + 6e-3 * rows


def pretrained_decoder(rows: int, columns: int, classes: int) -> float:
    """Loading a net and writing its graph at least: it ends where the budget does."""
    return 5.0 + 5e-3 * rows


SECONDS: dict[str, Cost] = {
    "memory": memory,
    "usual_tags": usual_tags,
    "tagger": tagger,
    "decoder": decoder,
    "reader": reader,
    "ngram_axes": memory,
    "embedder": embedder,
    "constant": constant,
    "logistic": logistic,
    "ridge": ridge,
    "elastic_net": elastic_net,
    "naive_bayes": naive_bayes,
    "kernel_ridge": kernel_ridge,
    "rbf_svm": rbf_svm,
    "k_neighbours": k_neighbours,
    "lightgbm": lightgbm,
    "random_forest": random_forest,
    "extra_trees": extra_trees,
    "xgboost": xgboost,
    "catboost": catboost,
    "ebm": ebm,
    "mlp": mlp,
    "cnn": cnn,
    "net": net,
    "pretrained": pretrained,
    "pretrained_decoder": pretrained_decoder,
    "pretrained_seq2seq": pretrained_decoder,
    "tabm": tabm,
    "seasonal_naive": one_series,
    "drift": one_series,
    "recent_mean": one_series,
    "theta": theta,
    "ets": ets,
    "arima": arima,
    "fracast": fracast,
    "lag_linear": lag_linear,
    "lag_trees": lag_trees,
    "gru": gru,
    "transformer": transformer,
    "mahalanobis": mahalanobis,
    "column_tails": column_tails,
    "linear_autoencoder": linear_autoencoder,
    "isolation_forest": isolation_forest,
    "lof": lof,
    "labelled_forest": labelled_forest,
    "seasonal_residual": seasonal_residual,
    "autoencoder": autoencoder,
    "sequential_trees": sequential_trees,
    "table_vae": table_vae,
    "table_gan": table_gan,
    "picture_vae": picture_vae,
    "picture_gan": picture_gan,
    "wgan_gp": wgan_gp,
    "usual_boxes": usual_boxes,
    "centres": centres,
    "cosine": cosine,
    "siamese": siamese,
    "popularity": popularity,
    "item_knn": item_knn,
    "ease": ease,
    "als": als,
    "bpr": bpr,
    "two_tower": two_tower,
}
