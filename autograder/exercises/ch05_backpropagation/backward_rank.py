"""Exercise `backward_rank`: when may a node pass its gradient on?"""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, talkative
from autograder.exercises.ch05_backpropagation import (
    PICTURE,
    below,
    post_order,
    random_graph,
    users,
)

# 0 is the output, 2 is not used; 6 is an input that the output uses at once
SHORTCUT = [[3, 1, 6], [4], [4], [1, 5], [], [4], []]
EXAMPLES = {
    "a shortcut, numbers without order": (SHORTCUT, 0),
    "the picture of the lesson": (PICTURE, 4),
    "an output in the middle": ([[], [0], [1, 0], [2]], 2),
}
RETURNS = ("rank",)


def reference(parents, output):
    """Lengthen ways until none gets longer."""
    rank = [-1] * len(parents)
    rank[output] = 0
    for _ in parents:
        for node, above in enumerate(parents):
            for parent in above:
                if rank[node] >= 0:
                    rank[parent] = max(rank[parent], rank[node] + 1)
    return torch.tensor(rank)


def _shortest(parents, output):
    rank, line = {output: 0}, [output]
    for node in line:
        for parent in parents[node]:
            if parent not in rank:
                rank[parent] = rank[node] + 1
                line.append(parent)
    return torch.tensor([rank.get(node, -1) for node in range(len(parents))])


def _from_the_inputs(parents, output):
    depth = {}
    for node in post_order(parents, output):
        depth[node] = 1 + max((depth[p] for p in parents[node]), default=-1)
    return torch.tensor([depth.get(node, -1) for node in range(len(parents))])


def _turned_round(parents, output):
    """Steps from the inputs, taken from the largest: right where all inputs are equally far."""
    depth = _from_the_inputs(parents, output)
    return torch.where(depth >= 0, depth.max() - depth, depth)


def _unused_as_zero(parents, output):
    return reference(parents, output).clamp(min=0)


def _from_one(parents, output):
    rank = reference(parents, output)
    return torch.where(rank >= 0, rank + 1, rank)


def _by_number(parents, output):
    """One sweep from the highest number down."""
    rank = [-1] * len(parents)
    rank[output] = 0
    for node in reversed(range(len(parents))):
        for parent in parents[node]:
            if rank[node] >= 0:
                rank[parent] = max(rank[parent], rank[node] + 1)
    return torch.tensor(rank)


def _places(parents, output):
    order = post_order(parents, output)[::-1]
    return torch.tensor([order.index(n) if n in order else -1 for n in range(len(parents))])


def _first_way(parents, output):
    """Depth-first, and the first way that reaches a node counts."""
    rank = {}

    def visit(node, steps):
        if node not in rank:
            rank[node] = steps
            for parent in parents[node]:
                visit(parent, steps + 1)

    visit(output, 0)
    return torch.tensor([rank.get(node, -1) for node in range(len(parents))])


def _edges(parents, output):
    """Counts users instead of steps."""
    inside, found = below(parents, output), users(parents)
    rank = [len(found[n]) if n in inside else -1 for n in range(len(parents))]
    return torch.tensor(rank)


def _ignores_the_output(parents, output):
    last = [n for n, using in enumerate(users(parents)) if not using]
    ranks = torch.stack([reference(parents, n) for n in last])
    return ranks.amax(dim=0)


def _eats_the_graph(parents, output):
    rank = reference(parents, output)
    parents[output].clear()
    return rank


def _as_a_list(parents, output):
    return reference(parents, output).tolist()


WRONG = {
    "shortest_way": Wrong(
        _shortest,
        "the shortest way from the output is counted; on a longer one gradient is still to come",
        "a node is complete after the last of its users: take the longest way",
    ),
    "from_the_inputs": Wrong(
        _from_the_inputs,
        "the steps are counted from the inputs, the order of the forward pass",
        "start with 0 at the output and go to the parents",
    ),
    "turned_round": Wrong(
        _turned_round,
        "the steps are counted from the inputs and then turned round; inputs differ in rank too",
        "start with 0 at the output and go to the parents",
    ),
    "unused_as_zero": Wrong(
        _unused_as_zero,
        "nodes that the output does not depend on have rank 0, the output's own",
        "give them -1",
    ),
    "from_one": Wrong(
        _from_one,
        "the output has rank 1, and all others are one too high",
        "the output is 0 steps away from itself",
    ),
    "by_number": Wrong(
        _by_number,
        "the nodes are visited by falling number, but numbers say nothing about the order here",
        "repeat until no rank grows, or find the order from the parents",
    ),
    "places_in_an_order": Wrong(
        _places,
        "these are places 0, 1, 2, ... in one topological order, every node another one",
        "rank = 1 + the largest rank among the nodes that use it",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "first_way": Wrong(_first_way),
    "number_of_users": Wrong(_edges),
    "ignores_the_output": Wrong(_ignores_the_output),
    "eats_the_graph": Wrong(_eats_the_graph),
    "as_a_list": Wrong(_as_a_list),
}


def recursive_with_memory(parents, output):
    inside, found, rank = below(parents, output), users(parents), {output: 0}

    def of(node):
        if node not in rank:
            rank[node] = 1 + max(of(user) for user in found[node] if user in inside)
        return rank[node]

    return torch.tensor([of(n) if n in inside else -1 for n in range(len(parents))])


def peeled_layer_by_layer(parents, output):
    """Kahn: take away what nobody left uses, round after round."""
    left, rank, step = below(parents, output), [-1] * len(parents), 0
    while left:
        used = {p for node in left for p in parents[node]}
        for node in left - used:
            rank[node] = step
        left, step = left & used, step + 1
    return torch.tensor(rank)


def powers_of_the_matrix(parents, output):
    """The k-th power of the adjacency matrix knows the ways of length k."""
    n = len(parents)
    matrix = torch.zeros(n, n)
    for node, above in enumerate(parents):
        for parent in above:
            matrix[node, parent] = 1.0
    reached, rank = torch.zeros(n), torch.full((n,), -1)
    reached[output] = 1.0
    for step in range(n):
        rank[reached > 0] = step
        reached = (reached @ matrix).clamp(max=1.0)
    return rank


RIGHT = [
    recursive_with_memory, peeled_layer_by_layer, powers_of_the_matrix, talkative(reference),
]  # fmt: skip


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        parents, _, output = random_graph(14, draw)
        match((parents, output), "a random graph")
        match((*random_graph(40, draw)[::2],), "a large graph")
        other = next(n for n in range(14) if parents[n] and n != output)
        match((parents, other), "an output in the middle")
    chain = [[]] + [[k] for k in range(200)]
    match((chain, 200), "a chain of 200")
    match((chain[:1], 0), "a single node")
    match(([[1, 2], [3], [3, 3], []], 0), "the same parent twice")
