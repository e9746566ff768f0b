"""Exercise `attention_by_eye`: read attention's four lines and predict what they give."""

import math

import torch

from autograder.exercises import Choice, normal

TRY = "take two or three keys with small numbers and write the row of weights down"

QUESTIONS = {
    "a": {
        "A": Choice(
            "They stay as they are",
            "same",
            "every exponential grows by the factor exp(5): divide by their sum",
        ),
        "B": Choice(
            "They become sharper: the largest one grows",
            "sharper",
            "sharper takes larger differences between the scores, and these stay",
        ),
        "C": Choice(
            "They become more even",
            "flatter",
            "more even takes smaller differences between the scores, and these stay",
        ),
        "D": Choice(
            "The row sums to more than 1",
            "sum",
            "the softmax divides by the sum, whatever the scores are",
        ),
    },
    "b": {
        "A": Choice(
            "It stays: each number of q and k still has variance 1",
            1.0,
            "a score is a sum of d_k products, and each product adds its variance",
        ),
        "B": Choice(
            "It doubles",
            2.0,
            "variances of independent terms add up: write down their sum and take its root",
        ),
        "C": Choice(
            "It grows by a factor of 4",
            4.0,
            "that is the variance; the standard deviation is its root",
        ),
        "D": Choice(
            "It halves",
            0.5,
            "there are more products to add up, not fewer",
        ),
    },
    "c": {
        "A": Choice(
            "They stay as they are, each at its place: attention does not know the order",
            "invariant",
            "the output at place 0 belongs to the word at place 0, which is another one now",
        ),
        "B": Choice(
            "They are shuffled in the same way",
            "equivariant",
            "each word asks the same question of the same set of keys and values",
        ),
        "C": Choice(
            "They are all new vectors",
            "new",
            "a word still finds the same keys with the same weights; only their order is new",
        ),
        "D": Choice(
            "They are shuffled back into the old order",
            "back",
            "nothing in the four lines knows what the old order was",
        ),
    },
    "d": {
        "A": Choice(
            "v[0], whatever q and k are",
            "own",
            "it has one key to look at: what is a softmax over one number?",
        ),
        "B": Choice(
            "The mean of all rows of v",
            "mean",
            "that needs every key to be visible, with equal scores",
        ),
        "C": Choice(
            "v[0] times a weight below 1, which depends on q and k",
            "part",
            "the weights of a row sum to 1, and here only one of them is left",
        ),
        "D": Choice(
            "nan: the first word has nothing to look at",
            "nan",
            "a causal mask keeps the diagonal: every word may look at itself",
        ),
    },
    "e": {
        "A": Choice(
            "All 0: it may look nowhere",
            "zeros",
            "the exponentials are all 0, and their sum, by which they are divided, is 0 as well",
        ),
        "B": Choice(
            "All equal",
            "even",
            "that is what a fill of -1e9 gives, in all keys alike; with -inf it is 0 / 0",
        ),
        "C": Choice(
            "All nan",
            "nan",
            "divide exp(-inf) by the sum of the row, which is 0",
        ),
        "D": Choice(
            "As without a mask",
            "same",
            "the old scores are gone: every one of them is -inf now",
        ),
    },
    "f": {
        "A": Choice(
            "Twice as many scores, twice as many parameters",
            (2, 2),
            "count the pairs of words; and look where T stands in the shapes of w_q and w_k",
        ),
        "B": Choice(
            "Twice as many scores, as many parameters",
            (2, 1),
            "every query meets every key: count the pairs",
        ),
        "C": Choice(
            "Four times as many scores, as many parameters",
            (4, 1),
            "every query meets every key; the matrices know nothing of T",
        ),
        "D": Choice(
            "Four times as many scores, four times as many parameters",
            (4, 4),
            "w_q, w_k and w_v are (d, d): T does not occur in them",
        ),
    },
}


def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return weights @ v, weights


def shifted(scores):
    before, after = scores.softmax(-1), (scores + 5).softmax(-1)
    if not torch.allclose(after.sum(-1), torch.ones_like(after[..., 0])):
        return "sum"
    if torch.allclose(before, after):
        return "same"
    return "sharper" if after.amax() > before.amax() else "flatter"


def growth(rand):
    """By what factor the deviation of unscaled scores grows from d_k = 64 to 256, to a half."""
    narrow, wide = ((rand(20_000, d) * rand(20_000, d)).sum(-1).std() for d in (64, 256))
    return round(2 * float(wide / narrow)) / 2


def reordered(x, order):
    plain, moved = attention(x, x, x)[0], attention(x[order], x[order], x[order])[0]
    kinds = {"invariant": plain, "equivariant": plain[order], "back": plain[order.argsort()]}
    return next((name for name, y in kinds.items() if torch.allclose(moved, y)), "new")


def first_word(x):
    y = attention(x, x, x, torch.ones(len(x), len(x), dtype=torch.bool).tril())[0][0]
    kinds = {"own": x[0], "mean": x.mean(0)}
    if y.isnan().any():
        return "nan"
    return next((name for name, row in kinds.items() if torch.allclose(y, row)), "part")


def nowhere(x):
    row = attention(x, x, x, torch.zeros(len(x), len(x), dtype=torch.bool))[1][0]
    if row.isnan().all():
        return "nan"
    return "zeros" if not row.any() else "even" if torch.allclose(row, row[:1]) else "same"


def sizes(rand):
    """How many times as many scores, and parameters, for twice the length."""
    layers = [torch.nn.MultiheadAttention(8, 2, batch_first=True).double() for _ in range(2)]
    counts = []
    for layer, length in zip(layers, (1000, 2000), strict=True):
        x = rand(1, length, 8)
        scores = layer(x, x, x)[1].numel()
        counts.append((scores, sum(p.numel() for p in layer.parameters())))
    return tuple(b // a for a, b in zip(*counts, strict=True))


def reference():
    """Run every experiment that is asked for; return what happens in each."""
    rand = normal(0)
    return {
        "a": shifted(rand(3, 6)),
        "b": growth(rand),
        "c": reordered(rand(4, 6), torch.tensor([2, 0, 3, 1])),
        "d": first_word(rand(4, 6)),
        "e": nowhere(rand(4, 6)),
        "f": sizes(rand),
    }
