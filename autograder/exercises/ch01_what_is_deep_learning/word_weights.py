"""Exercise `word_weights`: a spam filter by counting words (naive Bayes, smoothed)."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, talkative

EXAMPLES = {
    "five mails, three words": (
        torch.tensor([[2.0, 0, 1], [0, 2, 1], [1, 1, 0], [0, 1, 2], [0, 1, 2]]),
        torch.tensor([1, 0, 1, 0, 0]),
    ),
    "three mails, four words": (
        torch.tensor([[3.0, 0, 1, 0], [0, 1, 1, 5], [2, 4, 0, 1]]).double(),
        torch.tensor([0, 1, 0]),
    ),
}
AXES = ("N V", "N")
RETURNS = ("weights",)


def reference(counts, spam):
    """Word by word."""
    mails, words = counts.shape
    total = [0.0, 0.0]
    of_word = [[0.0] * words, [0.0] * words]
    for n in range(mails):
        for j in range(words):
            kind = int(spam[n])
            total[kind] += float(counts[n, j])
            of_word[kind][j] += float(counts[n, j])
    share = [[(of_word[k][j] + 1) / (total[k] + words) for j in range(words)] for k in (0, 1)]
    ratios = torch.tensor([share[1][j] / share[0][j] for j in range(words)], dtype=torch.float64)
    return ratios.log().to(counts.dtype)


def _weights(
    counts, spam, *, see=lambda c: c, add=1.0, below=lambda c: c.sum() + len(c), sign=1,
    squash=torch.log,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    seen = see(counts)
    shares = []
    for kind in (1, 0):
        of_word = seen[spam == kind].sum(dim=0)  # (V,)
        shares.append((of_word + add) / below(of_word))
    return sign * squash(shares[0] / shares[1])


def _with(**steps):
    return partial(_weights, **steps)


def _per_mail(counts, spam):
    a, b = (counts[spam == k].sum(0) + 1 for k in (1, 0))
    mails = [(spam == k).sum() + counts.shape[1] for k in (1, 0)]
    return (a / mails[0] / (b / mails[1])).log()


def _against_all(counts, spam):
    a, b = counts[spam == 1].sum(0), counts.sum(0)
    v = len(b)
    return ((a + 1) / (a.sum() + v) / ((b + 1) / (b.sum() + v))).log()


def _spam_alone(counts, spam):
    a = counts[spam == 1].sum(0)
    return ((a + 1) / (a.sum() + len(a))).log()


def _rows_by_label(counts, spam):
    a, b = counts[spam].sum(0) + 1, counts[~spam].sum(0) + 1
    return (a / a.sum() / (b / b.sum())).log()


def _loose_below(counts, spam):
    a, b = (counts[spam == k].sum(0) for k in (1, 0))
    return ((a + 1) / a.sum() + len(a)).log() - ((b + 1) / b.sum() + len(b)).log()


WRONG = {
    "no_smoothing": Wrong(
        _with(add=0.0, below=lambda c: c.sum()),
        "the 1 is not added, so a word that one side never used gets an infinite weight",
        "add 1 to each word's count, and V to the total",
    ),
    "v_left_out": Wrong(
        _with(below=lambda c: c.sum()),
        "V is not added below the line, so the shares do not sum to 1",
        "each of the V words got 1 more: the total grows by V",
    ),
    "one_below": Wrong(
        _with(below=lambda c: c.sum() + 1),
        "1 is added below the line where V belongs",
        "each of the V words got 1 more: the total grows by V",
    ),
    "sign": Wrong(
        _with(sign=-1),
        "the weights have the wrong sign: they speak for ordinary mail",
        "spam stands above the line",
    ),
    "no_log": Wrong(
        _with(squash=lambda r: r), "the logarithm is missing", "take torch.log of the quotient"
    ),
    "log2": Wrong(_with(squash=torch.log2), "the logarithm has base 2", "ln is torch.log in code"),
    "presence": Wrong(
        _with(see=lambda c: (c > 0).to(c.dtype)),
        "each mail counts a word once, however often it stands there",
        "add the counts as they are",
    ),
    "per_mail": Wrong(
        _per_mail,
        "the counts are divided by the number of mails, not of words",
        "below the line stands the number of all words on that side, plus V",
    ),
    "against_all": Wrong(
        _against_all,
        "spam is compared with all mails; it should be compared with ordinary ones",
        "the lower share is over the rows with spam == 0",
    ),
    "spam_alone": Wrong(
        _spam_alone,
        "the share in ordinary mail is missing: frequent words look suspicious",
        "divide by the share in ordinary mail before the logarithm",
    ),
    "rows_by_label": Wrong(
        _rows_by_label,
        "counts[spam] reads the 0s and 1s as row numbers, and picks rows 0 and 1 again and again",
        "compare first: counts[spam == 1] picks the rows where that is true",
    ),
    "one_total": Wrong(
        lambda counts, spam: _weights(counts, spam, below=lambda c: counts.sum() + len(c)),
        "both sides are divided by the words of all mails, so the totals cancel",
        "each side has its own total",
    ),
    "v_counts_mails": Wrong(
        lambda counts, spam: _weights(counts, spam, below=lambda c: c.sum() + len(counts)),
        "V is the number of mails here; it is the number of words",
        "counts is (N, V): take the second size",
    ),
    "loose_below": Wrong(
        _loose_below,
        "V is added to the quotient, not to the total",
        "put the total and V into one pair of brackets",
    ),
    "log10": Wrong(_with(squash=torch.log10), "the logarithm has base 10", "ln is torch.log"),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "single_precision": Wrong(lambda counts, spam: _weights(counts.float(), spam)),
    "in_place": Wrong(lambda counts, spam: _weights(counts.add_(1.0).sub_(1.0).mul_(2), spam)),
}


def by_matrix(counts, spam):
    """Two rows of a matrix product: spam and the rest."""
    sides = torch.stack([spam == 1, spam == 0]).to(counts.dtype)  # (2, N)
    smoothed = sides @ counts + 1  # (2, V)
    logs = (smoothed / smoothed.sum(dim=1, keepdim=True)).log()
    return logs[0] - logs[1]


def by_log_softmax(counts, spam):
    """The log of a share is a log-softmax of logs."""
    a, b = ((counts[spam == k].sum(0) + 1).log().log_softmax(0) for k in (1, 0))
    return a - b


RIGHT = [by_matrix, by_log_softmax, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        counts = (2 * rand(9, 6)).abs().round()
        spam = (torch.arange(9) % 3 == 0).long()
        match((counts, spam), "nine mails")
        match((counts.float(), spam), "float32")
        match((100 * counts, 1 - spam), "long mails, sides exchanged")
        match((counts[:, :1], spam), "one word")
    match((torch.zeros(4, 3).double(), torch.tensor([0, 1, 1, 0])), "empty mails")
