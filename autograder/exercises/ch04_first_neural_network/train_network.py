"""Exercise `train_network`: full-batch gradient descent on XOR and on the parity of three bits."""

from functools import partial

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises import ch04_first_neural_network as numbers
from autograder.exercises.ch04_first_neural_network import by_hand, logits, loop, start, step
from chainrule import check

SMALL = (  # N, d, h = 5, 2, 3
    torch.tensor([[0.0, 1], [1, 0], [1, 1], [2, 1], [0, 2]]).double(),
    torch.tensor([[1.0], [1], [0], [1], [0]]).double(),
    torch.tensor([[1.0, 1], [1, -1], [-1, 2]]).double(),
    torch.tensor([0.5, 1, -0.5]).double(),
    torch.tensor([[1.0, -1, 2]]).double(),
    torch.tensor([-0.5]).double(),
)
BIG_NET = (numbers.X, numbers.Y, numbers.W1, numbers.B1, numbers.W2, numbers.B2)
EXAMPLES = {"one epoch": (*BIG_NET, 2.0, 1), "three epochs": (*SMALL, 0.5, 3)}
AXES = ("N d", "N 1", "h d", "h", "1 h", "1")
RETURNS = ("W1", "b1", "W2", "b2", "losses")
ORDER = [4, 3, 2, 1, 0]  # the losses first: the first of them comes before any step

# Inputs, hidden units, learning rate, epochs; tests/test_exercises.py prints the bound's margin.
TASKS = {"XOR": (2, 16, 0.5, 300), "parity of three": (3, 32, 0.5, 500)}
BOUND = 0.1


def reference(x, y, W1, b1, W2, b2, lr, num_epochs):
    """torch.optim.SGD on automatic gradients."""
    weights = [w.clone().requires_grad_() for w in (W1, b1, W2, b2)]
    optimizer, losses = torch.optim.SGD(weights, lr=lr), x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        optimizer.zero_grad()
        loss = bce(logits(x, *weights)[2], y)
        loss.backward()
        optimizer.step()
        losses[epoch] = loss.item()
    return *(w.detach() for w in weights), losses


def _last_layer_first(x, y, w, grads, lr):
    """The output layer is updated, and its new W2 carries the gradient back."""
    new = step(only=(2, 3))(x, y, w, grads, lr)
    return step(only=(0, 1))(x, y, new, by_hand(x, y, *logits(x, *w), new[2]), lr)


def _row_by_row(x, y, w, grads, lr):
    for n in range(len(x)):
        row = x[n : n + 1], y[n : n + 1]
        w = step()(x, y, w, by_hand(*row, *logits(row[0], *w), w[2]), lr)
    return w


def _gradients_add_up(x, y, W1, b1, W2, b2, lr, num_epochs):
    """loss.backward() without zero_grad()."""
    w, losses = [p.clone().requires_grad_() for p in (W1, b1, W2, b2)], []
    for _ in range(num_epochs):
        loss = bce(logits(x, *w)[2], y)
        loss.backward()
        losses.append(loss.detach())
        with torch.no_grad():
            for p in w:
                p -= lr * p.grad
    return *(p.detach() for p in w), torch.stack(losses)


def _forward_once(x, y, W1, b1, W2, b2, lr, num_epochs):
    """The forward pass stands before the loop."""
    w, (z1, a1, z2) = [W1, b1, W2, b2], logits(x, W1, b1, W2, b2)
    for _ in range(num_epochs):
        w = step()(x, y, w, by_hand(x, y, z1, a1, z2, w[2]), lr)
    return *w, bce(z2, y).repeat(num_epochs)


def _logarithms(z2, y, eps=0.0):
    p = torch.sigmoid(z2).clamp(eps, 1 - eps)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


def _stops_early(*args):
    *weights, losses = reference(*args)
    below = (losses < 0.2).nonzero()
    return *weights, losses[: int(below[0])] if len(below) else losses


def _in_place(x, y, W1, b1, W2, b2, lr, num_epochs):
    *new, losses = reference(x, y, W1, b1, W2, b2, lr, num_epochs)
    return *(w.copy_(v) for w, v in zip((W1, b1, W2, b2), new, strict=True)), losses


WRONG = {
    "uphill": Wrong(
        loop(step(factor=lambda x: -1.0)),
        "the weights move up the gradient, so the loss rises",
        "W = W - lr * dW",
    ),
    "loss_after_the_update": Wrong(
        loop(step(), after=True),
        "losses[epoch] is measured after the update; the contract says before it",
        "store the loss where the forward pass computes it",
    ),
    "one_epoch_short": Wrong(
        loop(step(), skip=1),
        "the loop runs num_epochs - 1 times",
        "range(num_epochs) starts at 0",
    ),
    "gradients_of_a_sum": Wrong(
        loop(step(factor=len)),
        "the step is N times too long: the gradients are those of a sum over the rows",
        "the mean brings a factor 1/N, once",
    ),
    "biases_stay": Wrong(
        loop(step(only=(0, 2))), "b1 and b2 are never updated", "four parameters, four updates"
    ),
    "first_layer_stays": Wrong(
        loop(step(only=(2, 3))),
        "only the last layer learns; W1 and b1 keep their start",
        "four parameters, four updates",
    ),
    "nothing_assigned": Wrong(
        loop(step(only=())),
        "no parameter changes: the new values are computed but not kept",
        "W1 = W1 - lr * dW1, and so on, inside the loop",
    ),
    "last_layer_first": Wrong(
        loop(_last_layer_first),
        "W2 was updated before dW1 was computed, so the gradient went back through the new W2",
        "compute all four gradients, then update all four parameters",
    ),
    "row_by_row": Wrong(
        loop(_row_by_row),
        "the weights are updated after every row; this is full-batch descent, one step an epoch",
        "pass all rows to forward and backward at once",
    ),
    "gradients_add_up": Wrong(
        _gradients_add_up,
        "the gradients of earlier epochs are still in .grad and add up",
        "clear the gradients at the start of every epoch",
    ),
    "learning_rate_left_out": Wrong(
        loop(lambda x, y, w, grads, lr: step()(x, y, w, grads, 1.0)),
        "the step is the whole gradient: lr is not used",
        "W1 = W1 - lr * dW1",
    ),
    "loss_of_a_sum": Wrong(
        loop(step(), measure=lambda z2, y: bce(z2, y, reduction="sum")),
        "losses holds the sum over the rows",
        "the loss is the mean: leave reduction as it is",
    ),
    "squashed_twice": Wrong(
        loop(step(), measure=lambda z2, y: bce(torch.sigmoid(z2), y)),
        "the loss was given probabilities, and takes the sigmoid of them again",
        "hand z2 to binary_cross_entropy_with_logits",
    ),
    "forward_before_the_loop": Wrong(
        _forward_once,
        "the forward pass stands before the loop, so every epoch sees the first z2",
        "put forward, loss, backward and update inside the loop",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "logarithms": Wrong(loop(step(), measure=_logarithms)),
    "clipped_logarithms": Wrong(loop(step(), measure=partial(_logarithms, eps=1e-7))),
    "stops_early": Wrong(_stops_early),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(lambda *a: reference(*[v.float() for v in a[:6]], *a[6:])),
}


def with_loss_by_softplus(x, y, W1, b1, W2, b2, lr, num_epochs):
    train = loop(step(), measure=lambda z, y: (torch.nn.functional.softplus(z) - y * z).mean())
    return train(x, y, W1, b1, W2, b2, lr, num_epochs)


def with_autograd(x, y, W1, b1, W2, b2, lr, num_epochs):
    """Automatic gradients; the returned weights still require gradients."""
    w, losses = [p.clone().requires_grad_() for p in (W1, b1, W2, b2)], x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        loss = bce(logits(x, *w)[2], y)
        grads = torch.autograd.grad(loss, w)
        w = [(p - lr * g).detach().requires_grad_() for p, g in zip(w, grads, strict=True)]
        losses[epoch] = loss.item()
    return [*w, losses]


def own_copies_in_place(x, y, W1, b1, W2, b2, lr, num_epochs):
    """In-place updates of copies, which leave the caller's tensors alone."""
    w, losses = [p.clone() for p in (W1, b1, W2, b2)], torch.empty(num_epochs, dtype=x.dtype)
    for epoch in range(num_epochs):
        z1, a1, z2 = logits(x, *w)
        losses[epoch] = torch.logaddexp(torch.zeros_like(z2), (1 - 2 * y) * z2).mean()
        for p, g in zip(w, by_hand(x, y, z1, a1, z2, w[2]), strict=True):
            p.sub_(g, alpha=lr)
    return *w, losses


RIGHT = [with_loss_by_softplus, with_autograd, own_copies_in_place, talkative(reference)]


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        x, w = rand(6, 3), start(3, 4, draw)
        y = (rand(6, 1) > 0).double()
        _order_of_rows(call, x, y, w)
        match((x, y, *w, 1.0, 4), "four epochs")
        match((x.float(), y.float(), *[p.float() for p in w], 0.3, 2), "float32")
        match((1000 * x, y, *w, 1e-4, 2), "sure logits, right and wrong")
    match((x, y, *w, 0.3, 0), "no epoch at all")
    for task in TASKS:
        learns(partial(run, fn, _start_kept, RETURNS), task, seed)


def _start_kept(x, y, W1, b1, W2, b2, lr, num_epochs):
    """The shapes of an answer, where running the reference would double the time."""
    return W1, b1, W2, b2, x.new_zeros(num_epochs)


def learns(call, task, seed):
    """Train on the task from a random start; return the final loss by torch's own layers."""
    d, h, lr, num_epochs = TASKS[task]
    (x, y), w = numbers.parity(d), start(d, h, seed)
    y = (y + seed) % 2  # class 1 is the even parity on every second seed
    *trained, losses = call((x, y, *w, lr, num_epochs), task)
    z2 = logits(x, *trained)[2]
    final, wrong = bce(z2, y).item(), int(((z2 > 0) != (y > 0.5)).sum())
    if not (final < BOUND and wrong == 0):
        raise check.mistake(
            f"train_network: {task} is learned in {num_epochs} epochs",
            expected=f"a final loss below {BOUND}, no row wrong",
            got=f"final loss {final:.3g}, {wrong} of {len(x)} rows wrong",
        )
    honest = abs(losses[-1].item() - final) < BOUND
    check.that(honest, f"train_network: the last loss belongs to the weights returned ({task})")
    return final


def _order_of_rows(call, x, y, w):
    weights = call((x, y, *w, 0.3, 2), "a batch")
    flipped = call((x.flip(0), y.flip(0), *w, 0.3, 2), "a batch")
    for name, a, b in zip(RETURNS, flipped, weights, strict=True):
        what = f"train_network: {name} stays when the rows come in another order"
        check.compare(what, a, b)
