"""Exercise `pca`: principal components by the singular value decomposition."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

_CROSS = torch.tensor([[6.0, 8, 0], [-6, -8, 0], [0, 0, 4], [0, 0, -4]])
_LINE = torch.tensor([[-2.0, 4], [-1, 2], [0, 0], [1, -2], [2, -4]])
EXAMPLES = {  # variances 200/3 and 32/3, directions (3, 4, 0)/5 and (0, 0, 1)
    "a cross": ((_CROSS + torch.tensor([1.0, 2, 3])).double(), 2),
    "a falling line": ((_LINE + torch.tensor([7.0, 1])).double(), 1),  # variance 12.5
}
AXES = ("N d",)
RETURNS = ("components", "variances", "scores")


def reference(x, k):
    """Eigenvectors of torch's covariance matrix, in double precision."""
    variances, vectors = torch.linalg.eigh(torch.cov(x.double().T).reshape(x.shape[1], -1))
    components = upright(vectors.T.flip(0)[:k])
    scores = (x.double() - x.double().mean(0)) @ components.T
    parts = components, variances.flip(0)[:k].clamp(min=0), scores
    return tuple(part.to(x.dtype) for part in parts)


def upright(components):
    """Turn each row so that its entry of largest size is positive."""
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    return components * largest.sign()


def by_svd(
    x, k, *,
    centre=lambda x: x - x.mean(0),
    directions=lambda u, s, vt, k: vt[:k],
    sign=upright,
    variance=lambda s, n: s**2 / (n - 1),
    scores=lambda x, v, u, s: (x - x.mean(0)) @ v.T,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    u, s, vt = torch.linalg.svd(centre(x), full_matrices=False)
    v = sign(directions(u, s, vt, k))
    return v, variance(s, len(x))[:k], scores(x, v, u, s)


def _with(**step):
    return partial(by_svd, **step)


def _first_entry_positive(v):
    first = torch.where(v[:, :1].abs() < 1e-9, torch.ones_like(v[:, :1]), v[:, :1])
    return v * first.sign()


def _standardized(x, k):
    return by_svd((x - x.mean(0)) / x.std(0), k)


def _columns_by_variance(x, k):
    """The k columns of largest variance: what PCA is if no two columns go together."""
    variances, order = x.var(0).sort(descending=True)
    v = torch.eye(x.shape[1], dtype=x.dtype)[order[:k]]
    return v, variances[:k], (x - x.mean(0)) @ v.T


def _in_place(x, k):
    x -= x.mean(0)
    return by_svd(x, k)


def _single_precision(x, k):
    return tuple(part.float() for part in reference(x, k))


WRONG = {
    "not_centred": Wrong(
        _with(centre=lambda x: x, scores=lambda x, v, u, s: x @ v.T),
        "the mean is not subtracted, so the first direction leans towards the mean",
        "x - x.mean(0) first: one mean per column",
    ),
    "rows_centred": Wrong(
        _with(
            centre=lambda x: x - x.mean(1, keepdim=True),
            scores=lambda x, v, u, s: (x - x.mean(1, keepdim=True)) @ v.T,
        ),
        "the mean of each row is subtracted, not that of each column",
        "average over the points, x.mean(0)",
    ),
    "divided_by_n": Wrong(
        _with(variance=lambda s, n: s**2 / n),
        "the squares are divided by N, not by N - 1",
        "the contract, like scikit-learn, divides by N - 1",
    ),
    "not_squared": Wrong(
        _with(variance=lambda s, n: s / (n - 1)),
        "a singular value is a length: the variance has its square",
        "s**2 / (N - 1)",
    ),
    "singular_values": Wrong(
        _with(variance=lambda s, n: s),
        "the singular values are returned as variances",
        "s**2 / (N - 1)",
    ),
    "columns_of_vt": Wrong(
        _with(directions=lambda u, s, vt, k: vt.T[:k]),
        "the rows of V were taken; torch returns V transposed, whose rows are the directions",
        "take the first k rows of the third result",
    ),
    "scores_of_length_one": Wrong(
        _with(scores=lambda x, v, u, s: (x - x.mean(0)) @ v.T / s[: len(v)]),
        "the scores are columns of U: they lack the singular values",
        "project the centred points on the directions",
    ),
    "scores_not_centred": Wrong(
        _with(scores=lambda x, v, u, s: x @ v.T),
        "the points are projected without subtracting the mean",
        "scores have the mean 0 in every column",
    ),
    "first_entry_positive": Wrong(
        _with(sign=_first_entry_positive),
        "the sign was set by the first entry",
        "the contract asks for the entry of largest size to be positive",
    ),
    "smallest_first": Wrong(
        _with(
            directions=lambda u, s, vt, k: vt.flip(0)[:k],
            variance=lambda s, n: s.flip(0) ** 2 / (n - 1),
        ),
        "the directions of smallest variance come first",
        "svd sorts from large to small, eigh from small to large",
    ),
    "one_mean_for_all": Wrong(
        _with(centre=lambda x: x - x.mean(), scores=lambda x, v, u, s: (x - x.mean()) @ v.T),
        "one mean of all numbers is subtracted, not one for each column",
        "x.mean(0) has d numbers, one for each column",
    ),
    "shares": Wrong(
        _with(variance=lambda s, n: s**2 / (s**2).sum()),
        "these are shares of the whole variance, which add up to 1",
        "s**2 / (N - 1)",
    ),
    "absolute": Wrong(
        _with(sign=lambda v: v.abs()),
        "all entries were made positive, which changes the direction",
        "turn the whole row round if its entry of largest size is negative",
    ),
    "signs_too_late": Wrong(
        _with(scores=lambda x, v, u, s: (x.mean(0) - x) @ v.T),  # as if svd gave the opposites
        "the scores belong to the components as svd gave them, before they were turned",
        "fix the signs first, then project",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "signs_as_they_come": Wrong(_with(sign=lambda v: v)),
    "standardized": Wrong(_standardized),
    "columns_by_variance": Wrong(_columns_by_variance),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
}


def by_eigenvectors(x, k):
    centred = x - x.mean(0, keepdim=True)
    values, vectors = torch.linalg.eigh(centred.double().T @ centred.double())
    top = values.argsort(descending=True)[:k]
    v = upright(vectors[:, top].T).to(x.dtype)
    return v, (values[top].clamp(min=0) / (x.shape[0] - 1)).to(x.dtype), centred @ v.T


def by_scores(x, k):
    """Scores as U times s, turned together with the directions; a list for a tuple."""
    u, s, vt = torch.linalg.svd(x.double() - x.double().mean(0))
    signs = torch.stack([row[row.abs().argmax()].sign() for row in vt[:k]])
    parts = signs[:, None] * vt[:k], (s[:k] / (len(x) - 1) ** 0.5) ** 2, u[:, :k] * s[:k] * signs
    return [part.to(x.dtype) for part in parts]


def variance_of_the_scores(x, k):
    v = upright(torch.linalg.svd(torch.cov(x.double().T).reshape(x.shape[1], -1))[2][:k])
    scores = torch.einsum("nd,kd->nk", x.double() - x.double().mean(0), v)
    return v.to(x.dtype), scores.var(0).to(x.dtype), scores.to(x.dtype)


RIGHT = [by_eigenvectors, by_scores, variance_of_the_scores, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for n, d, k, idea in [
            (12, 4, 2, "a table"),
            (12, 4, 4, "all components"),
            (4, 6, 2, "fewer points than columns"),
            (9, 1, 1, "one column"),
        ]:
            x = _cloud(rand, n, d)
            match((x, k), idea)
            match((x.float(), k), f"{idea}, float32")
        x = _cloud(rand, 10, 4)
        _moved(call, x)
        _turned(call, x, torch.linalg.qr(rand(4, 4))[0])
        _whole(call, x)


def _cloud(rand, n, d):
    """Points in general position whose variances differ clearly, off the origin."""
    left, right = torch.linalg.qr(rand(n, n))[0], torch.linalg.qr(rand(d, d))[0]
    k = min(n - 1, d)
    left = left - left.mean(0)
    left = torch.linalg.qr(left[:, :k])[0]
    sizes = 3.0 * 2.0 ** -torch.arange(k, dtype=torch.float64)
    return (left * sizes) @ right[:k] + 2 + rand(d)


def _moved(call, x):
    once, again = call((x, 2), "a cloud"), call((x + 5, 2), "a cloud, moved")
    for name, a, b in zip(RETURNS, again, once, strict=True):
        check.compare(f"pca: {name} when all points are moved alike", a, b)


def _turned(call, x, turn):
    """A rotation of the points leaves the variances, and the scores but for their signs."""
    once, again = call((x, 3), "a cloud"), call((x @ turn, 3), "a cloud, turned")
    check.compare("pca: variances when all points are turned", again[1], once[1])
    check.compare("pca: size of the scores when turned", again[2].abs(), once[2].abs())


def _whole(call, x):
    components, variances, scores = call((x, 4), "a cloud, all components")
    back = scores @ components + x.mean(0)
    check.compare("pca: scores @ components + mean gives the points back", back, x)
    check.compare("pca: variances add up to that of the columns", variances.sum(), x.var(0).sum())
