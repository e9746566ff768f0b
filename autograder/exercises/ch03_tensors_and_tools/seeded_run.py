"""Exercise `seeded_run`: a training run that repeats bit for bit."""

from functools import cache, partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch03_tensors_and_tools import fit, gradient
from chainrule import check

X = torch.tensor([[1.0, 2], [0, 1], [-1, 1], [2, 0], [1, -1], [-2, 1], [0, -2]]).double()
Y = torch.tensor([3.0, 1, 0, 2, -1, -2, 1]).double()
EXAMPLES = {  # x, y, seed, num_epochs, batch_size, lr
    "batches of 3, 3 and 1": (X, Y, 7, 2, 3, 0.1),
    "one epoch": (X[:5].float(), Y[:5].float(), 3, 1, 4, 0.2),
}
AXES = ("N d", "N")
RETURNS = ("w", "losses")


def reference(x, y, seed, num_epochs, batch_size, lr):
    """torch.optim.SGD on automatic gradients, the order cut by torch's own split."""
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(x.shape[1], generator=generator, dtype=x.dtype).requires_grad_()
    optimizer, losses = torch.optim.SGD([w], lr=lr), x.new_zeros(num_epochs)
    mse = torch.nn.functional.mse_loss
    for epoch in range(num_epochs):
        for rows in torch.randperm(len(x), generator=generator).split(batch_size):
            optimizer.zero_grad()
            mse(x[rows] @ w, y[rows]).backward()
            optimizer.step()
        losses[epoch] = mse(x @ w, y).item()
    return w.detach(), losses


def _with(**steps):
    return partial(fit, **steps)


def _order_before_weights(x, y, seed, num_epochs, batch_size, lr):
    g = torch.Generator().manual_seed(seed)
    kept = torch.randperm(len(x), generator=g)
    later = _with(generator=lambda seed: g)
    w = torch.randn(x.shape[1], generator=g, dtype=x.dtype)
    orders = iter([kept])
    take = lambda n, g: next(orders, None) if len(x) == n else None
    draw = lambda n, g: o if (o := take(n, g)) is not None else torch.randperm(n, generator=g)
    return later(x, y, seed, num_epochs, batch_size, lr, start=lambda *_: w, order=draw)


@cache
def _twin(generator):
    """A second generator with the same seed."""
    return torch.Generator().manual_seed(generator.initial_seed())


def _mean_of_batch_losses(x, y, seed, num_epochs, batch_size, lr):
    seen = []
    slope = lambda x, y, w, _: seen.append(((x @ w - y) ** 2).mean()) or gradient(x, y, w)
    w, losses = fit(x, y, seed, num_epochs, batch_size, lr, slope=slope)
    return w, torch.stack(seen).reshape(num_epochs, -1).mean(1) if num_epochs else losses


def _global(x, y, seed, num_epochs, batch_size, lr):
    """torch.manual_seed and the shared generator: right numbers, but it reseeds everybody."""
    torch.manual_seed(seed)
    return fit(x, y, seed, num_epochs, batch_size, lr, generator=lambda _: torch.default_generator)


def _unseeded(*args):
    return fit(*args, generator=lambda _: torch.default_generator)


def _in_place(x, y, seed, num_epochs, batch_size, lr):
    w, losses = reference(x, y, seed, num_epochs, batch_size, lr)
    y.sub_(x @ w)
    return w, losses


def _single_precision(x, y, *rest):
    return tuple(part.float() for part in reference(x.float(), y.float(), *rest))


WRONG = {
    "seed_ignored": Wrong(
        _with(generator=lambda seed: torch.Generator().manual_seed(0)),
        "the seed is always 0: the argument is not used",
        "manual_seed(seed)",
    ),
    "reseeded_every_epoch": Wrong(
        _with(each_epoch=lambda g, seed: torch.Generator().manual_seed(seed)),
        "the generator is made anew in every epoch, so each epoch has the same order",
        "make it once, before the loop",
    ),
    "order_before_weights": Wrong(
        _order_before_weights,
        "the first order was drawn before the start weights; the stream is used in sequence",
        "draw in the order of the contract: weights, then one permutation per epoch",
    ),
    "one_order": Wrong(
        _with(order=cache(lambda n, g: torch.randperm(n, generator=g))),
        "one order was drawn before the loop and serves every epoch",
        "draw a new permutation in each epoch",
    ),
    "a_generator_each": Wrong(
        _with(order=lambda n, g: torch.randperm(n, generator=_twin(g))),
        "weights and orders come from two generators of the same seed",
        "one generator serves all draws, in the order of the contract",
    ),
    "not_shuffled": Wrong(
        _with(order=lambda n, g: torch.arange(n)),
        "the rows come in their own order in every epoch",
        "torch.randperm(N, generator=...) gives a new order",
    ),
    "zero_start": Wrong(
        _with(start=lambda d, g, dtype: torch.zeros(d, dtype=dtype)),
        "the weights start at 0",
        "draw them with torch.randn from the generator",
    ),
    "last_batch_dropped": Wrong(
        _with(batches=lambda rows, size: [r for r in rows.split(size) if len(r) == size]),
        "the last batch is left out when it is smaller",
        "a batch may have fewer rows: loop over range(0, N, batch_size)",
    ),
    "divided_by_batch_size": Wrong(
        _with(slope=lambda x, y, w, size: gradient(x, y, w) * len(y) / size),
        "the last batch is divided by batch_size, not by its own number of rows",
        "the mean runs over the rows that are there: len of the batch",
    ),
    "full_batch": Wrong(
        _with(batches=lambda rows, size: [rows]),
        "each epoch makes one step on all rows",
        "one step for each batch",
    ),
    "factor_missing": Wrong(
        _with(slope=lambda x, y, w, size: gradient(x, y, w) / 2),
        "the gradient lacks its factor 2",
        "the square brings a 2",
    ),
    "uphill": Wrong(
        _with(slope=lambda x, y, w, size: -gradient(x, y, w)),
        "the weights move up the gradient",
        "w = w - lr * gradient",
    ),
    "summed": Wrong(
        _with(slope=lambda x, y, w, size: gradient(x, y, w) * len(y)),
        "the gradient is that of a sum over the batch",
        "divide by the rows of the batch",
    ),
    "loss_before_the_epoch": Wrong(
        _with(before=True),
        "each loss is measured before its epoch",
        "measure after the last batch of the epoch",
    ),
    "mean_of_batch_losses": Wrong(
        _mean_of_batch_losses,
        "the losses of the batches were averaged while the weights moved",
        "measure once, on all N rows, after the last batch of the epoch",
    ),
    "loss_of_the_last_batch": Wrong(
        _with(loss=lambda x, y, w, last: ((x[last] @ w - y[last]) ** 2).mean()),
        "the loss is that of the last batch alone",
        "take all N rows",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "global_seed": Wrong(_global),
    "unseeded": Wrong(_unseeded),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
}


def by_a_loader(x, y, seed, num_epochs, batch_size, lr):
    """A DataLoader that is handed the order."""
    g = torch.Generator().manual_seed(seed)
    w, losses = torch.randn(x.shape[1], generator=g, dtype=x.dtype), []
    for _ in range(num_epochs):
        order = torch.randperm(len(x), generator=g).tolist()
        for rows in torch.utils.data.BatchSampler(order, batch_size, drop_last=False):
            w = w - lr * gradient(x[rows], y[rows], w)
        losses.append(((x @ w - y) ** 2).mean())
    return w, torch.stack(losses) if losses else x.new_zeros(0)


def by_autograd(*args):
    """Weights that are still tracked."""
    w, losses = reference(*args)
    return [w.requires_grad_(), losses]


def restoring_the_global_state(x, y, seed, num_epochs, batch_size, lr):
    """The shared generator, its state put back at the end."""
    with torch.random.fork_rng(devices=[]):
        return _global(x, y, seed, num_epochs, batch_size, lr)


def row_by_row(x, y, seed, num_epochs, batch_size, lr):
    g = torch.Generator()
    g.manual_seed(seed)
    w, losses = torch.randn(x.shape[1], generator=g, dtype=x.dtype), x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        order = torch.randperm(len(x), generator=g)
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            w = w - lr * sum(2 * (x[i] @ w - y[i]) * x[i] for i in rows) / len(rows)
        losses[epoch] = sum((x[i] @ w - y[i]) ** 2 for i in range(len(x))) / len(x)
    return w, losses


RIGHT = [by_a_loader, by_autograd, restoring_the_global_state, row_by_row, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for n, d, size, idea in [
            (8, 3, 4, "batches of equal size"),
            (7, 2, 3, "a smaller last batch"),
            (5, 2, 9, "a batch larger than the data"),
            (6, 1, 1, "batches of one row"),
        ]:
            args = rand(n, d), rand(n), draw + 5, 3, size, 0.05
            match(args, idea)
            match((args[0].float(), args[1].float(), *args[2:]), f"{idea}, float32")
        match((*args[:3], 0, *args[4:]), "no epoch at all")
        _repeats(call, args)
        _leaves_the_world_alone(call, args)


def _repeats(call, args):
    """The same seed gives the same bits, another seed other ones."""
    once = [part.detach().clone() for part in call(args, "a run")]
    torch.rand(3)  # somebody else draws in between
    again = call(args, "the same run")
    same = all(torch.equal(a.detach(), b) for a, b in zip(again, once, strict=True))
    check.that(same, "seeded_run: the same seed gives the same bits, whoever draws in between")
    other = call((*args[:2], args[2] + 1, *args[3:]), "another seed")
    check.that(not torch.equal(other[0].detach(), once[0]), "seeded_run: another seed, another run")


def _leaves_the_world_alone(call, args):
    """The shared generator of torch stands where it stood."""
    before = torch.get_rng_state()
    call(args, "a run")
    check.that(
        torch.equal(torch.get_rng_state(), before),
        "seeded_run: torch's shared generator is left as it was",
    )
