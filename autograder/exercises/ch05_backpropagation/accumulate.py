"""Exercise `accumulate`: the backward pass over a graph, sums at the forks."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from autograder.exercises.ch05_backpropagation import (
    PICTURE,
    PICTURE_SLOPES,
    post_order,
    random_graph,
)
from chainrule import check

# 4 = output of 1 and 0; 0 of 1 and 3; 1 of 3 twice; 3 of 5; 2 is not used by the output.
# Chosen so that every order that is wrong gives numbers of its own.
SHUFFLED = [[1, 3], [3, 3], [5], [5], [1, 0], []]
SHUFFLED_SLOPES = [[5.0, 4.0], [-3.0, 5.0], [-3.0], [5.0], [3.0, 0.5], []]
EXAMPLES = {
    "forks, numbers without order": (SHUFFLED, SHUFFLED_SLOPES, 4),
    "the picture of the lesson": (PICTURE, PICTURE_SLOPES, 4),
    "an output in the middle": ([[], [0], [1], [2]], [[], [2.0], [3.0], [7.0]], 2),
}
RETURNS = ("grads",)


def reference(parents, slopes, output):
    """torch's autograd: each node gets an extra term, whose gradient is that of the node."""
    extra = torch.zeros(len(parents), dtype=torch.float64, requires_grad=True)
    value = {}
    for node in post_order(parents, output):
        edges = zip(parents[node], slopes[node], strict=True)
        value[node] = extra[node] + sum(slope * value[parent] for parent, slope in edges)
    return torch.autograd.grad(value[output], extra)[0]


def _sweep(
    parents, slopes, output, *,
    seed=1.0, join=lambda old, new: old + new, pass_on=lambda grad, slope: grad * slope,
    order=lambda parents, output: post_order(parents, output)[::-1],
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    grads = torch.zeros(len(parents), dtype=torch.float64)
    grads[output] = seed
    for node in order(parents, output):
        for parent, slope in zip(parents[node], slopes[node], strict=True):
            grads[parent] = join(grads[parent], pass_on(grads[node], slope))
    return grads


def _with(**steps):
    return partial(_sweep, **steps)


def _breadth_first(parents, output):
    line = [output]
    for node in line:
        line.extend(p for p in parents[node] if p not in line)
    return line


def _depth_first(parents, output):
    order, stack = [], [output]
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack.extend(parents[node])
    return order


def _every_visit(parents, output):
    """A node passes its whole gradient on each time that it is reached."""
    line = [output]
    for node in line:
        line.extend(parents[node])
    return line


def _by_number(parents, output):
    return [n for n in reversed(range(len(parents))) if n in post_order(parents, output)]


def _mean_at_forks(parents, slopes, output):
    grads, count = torch.zeros(len(parents)).double(), [0] * len(parents)
    grads[output] = 1.0
    for node in post_order(parents, output)[::-1]:
        grads[node] = grads[node] / max(1, count[node])
        for parent, slope in zip(parents[node], slopes[node], strict=True):
            grads[parent] = grads[parent] + grads[node] * slope
            count[parent] += 1
    return grads


def _one_edge_per_parent(parents, slopes, output):
    """A dict from parent to slope: of two edges to one parent the last stays."""
    edges = [dict(zip(p, s, strict=True)) for p, s in zip(parents, slopes, strict=True)]
    return _sweep([list(e) for e in edges], [list(e.values()) for e in edges], output)


def _inputs_alone(parents, slopes, output):
    grads = reference(parents, slopes, output)
    return torch.where(torch.tensor([not above for above in parents]), grads, 0.0)


def _forward_mode(parents, slopes, output):
    """Slope of every node in the first input, from the inputs on."""
    tangent = torch.zeros(len(parents), dtype=torch.float64)
    order = post_order(parents, output)
    tangent[order[0]] = 1.0
    for node in order[1:]:
        for parent, slope in zip(parents[node], slopes[node], strict=True):
            tangent[node] = tangent[node] + slope * tangent[parent]
    return tangent


def _uses_the_slopes_up(parents, slopes, output):
    grads = reference(parents, slopes, output)
    slopes[output].clear()
    return grads


WRONG = {
    "overwritten": Wrong(
        _with(join=lambda old, new: new),
        "at a fork the second part overwrites the first",
        "add: grads[parent] += ...",
    ),
    "not_seeded": Wrong(
        _with(seed=0.0),
        "all gradients are 0, because the output's own was never set",
        "start with grads[output] = 1",
    ),
    "slopes_added": Wrong(
        _with(pass_on=lambda grad, slope: grad + slope),
        "gradient plus slope is passed on; along a path they multiply",
        "grads[parent] += grads[node] * slope",
    ),
    "mean_at_forks": Wrong(
        _mean_at_forks,
        "at a fork the parts are averaged",
        "a change of the node takes both ways at once: add the parts",
    ),
    "passed_on_too_early": Wrong(
        _with(order=_breadth_first),
        "a node passes its gradient on before all nodes that use it have added theirs",
        "visit the nodes by backward_rank, or in another topological order",
    ),
    "depth_first": Wrong(
        _with(order=_depth_first),
        "the nodes are visited as they are met; some pass on before all their users have added",
        "visit the nodes by backward_rank, or in another topological order",
    ),
    "inputs_first": Wrong(
        _with(order=post_order),
        "the nodes are visited from the inputs on, where no gradient has arrived yet",
        "start at the output: the smallest backward_rank comes first",
    ),
    "inputs_alone": Wrong(
        _inputs_alone,
        "only nodes without parents have a gradient; every node on the way has one",
        "keep grads[i] of all nodes, the output's 1 included",
    ),
    "passed_on_twice": Wrong(
        _with(order=_every_visit),
        "a node that is reached twice passes its whole gradient on twice",
        "visit each node once, when it is complete",
    ),
    "one_edge_per_parent": Wrong(
        _one_edge_per_parent,
        "where a node uses the same parent twice, one of the two edges is lost",
        "go through the edges one by one; both count",
    ),
    "by_number": Wrong(
        _with(order=_by_number),
        "the nodes are visited by falling number, but numbers say nothing about the order here",
        "find the order from the parents",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "forward_mode": Wrong(_forward_mode),
    "single_precision": Wrong(lambda *graph: reference(*graph).float()),
    "rounded": Wrong(lambda *graph: reference(*graph).round(decimals=4)),
    "uses_the_slopes_up": Wrong(_uses_the_slopes_up),
}


def sum_over_all_paths(parents, slopes, output):
    """Exponential in general, right always."""
    grads = torch.zeros(len(parents), dtype=torch.float64)

    def walk(node, product):
        grads[node] += product
        for parent, slope in zip(parents[node], slopes[node], strict=True):
            walk(parent, product * slope)

    walk(output, 1.0)
    return grads


def one_linear_system(parents, slopes, output):
    """g = unit + A^T g, solved at once."""
    n = len(parents)
    matrix = torch.zeros(n, n, dtype=torch.float64)
    for node in range(n):
        for parent, slope in zip(parents[node], slopes[node], strict=True):
            matrix[node, parent] += slope
    unit = torch.zeros(n, dtype=torch.float64)
    unit[output] = 1.0
    return torch.linalg.solve(torch.eye(n, dtype=torch.float64) - matrix.T, unit)


def waves(parents, slopes, output):
    """All gradient that has not moved on moves one edge; until none is left."""
    total, moving = torch.zeros(len(parents)).double(), torch.zeros(len(parents)).double()
    moving[output] = 1.0
    for _ in parents:
        total, last, moving = total + moving, moving, torch.zeros_like(moving)
        for node in range(len(parents)):
            for parent, slope in zip(parents[node], slopes[node], strict=True):
                moving[parent] += last[node] * slope
    return total


RIGHT = [sum_over_all_paths, one_linear_system, waves, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        graph = random_graph(12, draw)
        match(graph, "a random graph")
        match(random_graph(20, draw), "a large graph")
        _scaled(fn, *graph)
    chain = [[]] + [[k] for k in range(60)]
    match((chain, [[]] + [[1.01]] * 60, 60), "a chain of 60")
    match(([[]], [[]], 0), "a single node")
    match(([[1, 1], []], [[1e-9, 1e9], []], 0), "slopes of very different size")


def _scaled(fn, parents, slopes, output):
    """Slopes that are twice as large into the output double every gradient but its own."""
    once = run(fn, reference, RETURNS, (parents, slopes, output), "a random graph")[0]
    doubled = [[2 * s for s in row] if n == output else row for n, row in enumerate(slopes)]
    twice = run(fn, reference, RETURNS, (parents, doubled, output), "a random graph")[0]
    right = 2 * once
    right[output] = once[output]
    what = "accumulate: all gradients behind the output double when its slopes do"
    check.compare(what, twice, right)
