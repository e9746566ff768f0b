"""Exercise `class_scores`: precision, recall and F1 of each class, and macro-F1."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from autograder.exercises.ch09_evaluation import whole
from chainrule import check

EXAMPLES = {
    "cats, dogs and birds": (
        torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 2]),
        torch.tensor([0, 0, 0, 0, 2, 2, 1, 1, 2, 2]),
        3,
    ),
    "a class that is never true": (
        torch.tensor([0, 0, 1, 1, 1, 3, 3]),
        torch.tensor([0, 1, 1, 1, 2, 2, 3]),
        4,
    ),
    "a class that never occurs": (
        torch.tensor([0, 0, 0, 1, 1, 1, 1, 3]),
        torch.tensor([0, 1, 3, 1, 1, 0, 0, 3]),
        5,
    ),
}
AXES = ("N", "N")
RETURNS = ("precision", "recall", "f1", "macro")


def reference(y, y_hat, num_classes):
    """scikit-learn's scores, with 0 where they are not defined."""
    from sklearn.metrics import precision_recall_fscore_support

    rows = precision_recall_fscore_support(
        y.numpy(), y_hat.numpy(), labels=range(num_classes), zero_division=0
    )
    precision, recall, f1 = (torch.as_tensor(row, dtype=torch.float64) for row in rows[:3])
    return precision, recall, f1, f1.mean()


def _divide(a, b):
    return torch.where(b > 0, a / b.clamp(min=1), 0.0)


def _scores(*, f1=None, macro=None, divide=_divide, swap=False, rows=None):
    """Return a learner's function; the arguments say where it departs from the right one."""

    def class_scores(y, y_hat, num_classes):
        table = torch.zeros(num_classes, num_classes, dtype=torch.float64)
        for t, s in zip(y.tolist(), y_hat.tolist(), strict=True):
            table[t, s] += 1
        hits, true, said = table.diag(), table.sum(1), table.sum(0)
        p, r = divide(hits, said), divide(hits, true)
        if swap:
            p, r = r, p
        if rows:
            p = rows(hits, len(y))
        f = f1(p, r) if f1 else divide(2 * hits, true + said)
        return p, r, f, macro(p, r, f, true, hits) if macro else f.mean()

    return class_scores


def _classes_seen(y, y_hat, num_classes):
    p, r, f, _ = reference(y, y_hat, num_classes)
    seen = y.unique()
    return p[seen], r[seen], f[seen], f[seen].mean()


def _micro(y, y_hat, num_classes):
    share = (y == y_hat).double().mean()
    return share, share, share, share


def _single(y, y_hat, num_classes):
    return tuple(v.float() for v in reference(y, y_hat, num_classes))


def _three_classes(y, y_hat, num_classes):
    p, r, f, _ = reference(y, y_hat, num_classes)
    return p, r, f, f.sum() / 3


def _in_place(y, y_hat, num_classes):
    right = reference(y, y_hat, num_classes)
    y -= y_hat
    return right


def _of_means(p, r, f, true, hits):
    return 2 * p.mean() * r.mean() / (p.mean() + r.mean())


WRONG = {
    "precision_and_recall_swapped": Wrong(
        _scores(swap=True),
        "precision and recall have changed places: rows of the table are truth, columns are said",
        "precision divides by how often a class was said, recall by how often it is true",
    ),
    "arithmetic_mean": Wrong(
        _scores(f1=lambda p, r: (p + r) / 2),
        "F1 is the plain mean of precision and recall; it is their harmonic mean",
        "2 TP / (2 TP + FP + FN)",
    ),
    "factor_two_missing": Wrong(
        _scores(f1=lambda p, r: torch.nan_to_num(p * r / (p + r))),
        "F1 lacks its factor 2: with precision = recall = 1 it must be 1",
        "2 P R / (P + R), or 2 TP / (2 TP + FP + FN)",
    ),
    "geometric_mean": Wrong(
        _scores(f1=lambda p, r: (p * r).sqrt()),
        "F1 is the root of P R, the geometric mean",
        "the harmonic mean is 2 P R / (P + R)",
    ),
    "one_where_empty": Wrong(
        _scores(divide=lambda a, b: torch.where(b > 0, a / b.clamp(min=1), 1.0)),
        "an undefined score counts as 1; the contract says 0",
        "a class that is never found must not raise the mean",
    ),
    "weighted_mean": Wrong(
        _scores(macro=lambda p, r, f, true, hits: (f * true).sum() / true.sum()),
        "macro is weighted by the true counts; macro treats each class alike",
        "the plain mean of f1",
    ),
    "micro_for_macro": Wrong(
        _scores(macro=lambda p, r, f, true, hits: hits.sum() / true.sum()),
        "macro is the accuracy, which is micro-F1",
        "the plain mean of f1 over the classes",
    ),
    "macro_of_true_classes": Wrong(
        _scores(macro=lambda p, r, f, true, hits: f[true > 0].mean()),
        "macro leaves out the classes that are never true",
        "divide by num_classes: a class that is only said by mistake counts with its 0",
    ),
    "macro_of_means": Wrong(
        _scores(macro=_of_means),
        "macro is the harmonic mean of the mean precision and the mean recall",
        "take F1 class by class, then the mean",
    ),
    "precision_over_all_rows": Wrong(
        _scores(rows=lambda hits, n: hits / n),
        "precision was divided by all rows N",
        "divide by the rows for which this class was said",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "nan_where_empty": Wrong(_scores(divide=lambda a, b: a / b)),
    "classes_seen": Wrong(_classes_seen),
    "micro": Wrong(_micro),
    "three_classes": Wrong(_three_classes),
    "single_precision": Wrong(_single),
    "in_place": Wrong(_in_place),
}


def one_class_at_a_time(y, y_hat, num_classes):
    columns = []
    for k in range(num_classes):
        tp = int(((y == k) & (y_hat == k)).sum())
        fp, fn = int((y_hat == k).sum()) - tp, int((y == k).sum()) - tp
        p, r = (tp / (tp + m) if tp else 0.0 for m in (fp, fn))
        columns.append((p, r, 2 * p * r / (p + r) if tp else 0.0))
    p, r, f = torch.tensor(columns, dtype=torch.float64).T
    return p, r, f, f.sum() / num_classes


def one_hot(y, y_hat, num_classes):
    a, b = (torch.nn.functional.one_hot(v, num_classes).double() for v in (y, y_hat))
    both = (a * b).sum(0)
    f = torch.nan_to_num(2 * both / (a + b).sum(0))
    return torch.nan_to_num(both / b.sum(0)), torch.nan_to_num(both / a.sum(0)), f, f.mean()


def by_counting(y, y_hat, num_classes):
    table = torch.bincount(y * num_classes + y_hat, minlength=num_classes**2)
    table = table.view(num_classes, num_classes).double()
    p, r = (table.diag() / table.sum(d).clamp(min=1e-9) for d in (0, 1))
    f = 2 * p * r / (p + r).clamp(min=1e-9)
    return [p, r, f, float(f.mean())]


RIGHT = [one_class_at_a_time, one_hot, by_counting, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = whole(draw)
        y, y_hat = rand(6, 50), rand(6, 50)
        match((y, y_hat, 6), "six classes")
        match((y, y, 6), "every answer right")
        match((y, y, 9), "three classes that never occur")
        match((rand(3, 20), 3 + rand(2, 20), 5), "every answer wrong")
        match((rand(2, 1), rand(2, 1), 2), "one row")
        once, mirror = (call((a, b, 6), "six classes") for a, b in ((y, y_hat), (y_hat, y)))
        what = "class_scores: precision and recall change places when y and y_hat do"
        check.compare(what, once[0], mirror[1])
        order = torch.randperm(50, generator=torch.Generator().manual_seed(draw))
        mixed = call((y[order], y_hat[order], 6), "six classes")
        check.compare("class_scores: f1 stays when the rows change places", mixed[2], once[2])
