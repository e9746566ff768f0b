"""Exercises of chapter 5, and what several of them need.

A graph is a list of lists: parents[i] are the numbers of the nodes that node i is computed from,
slopes[i] the local slopes along these edges. The numbers of the nodes say nothing about order.
"""

import random

# a, b, d = ab, e = d + a, L = e * e at a = 2, b = 3: the picture of the lesson
PICTURE = [[], [], [0, 1], [2, 0], [3, 3]]
PICTURE_SLOPES = [[], [], [3.0, 2.0], [1.0, 1.0], [8.0, 8.0]]


def users(parents):
    """For each node the nodes that use it, one entry per edge."""
    found = [[] for _ in parents]
    for node, above in enumerate(parents):
        for parent in above:
            found[parent].append(node)
    return found


def below(parents, output):
    """The set of nodes that the output depends on, itself included."""
    seen, stack = set(), [output]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(parents[node])
    return seen


def post_order(parents, output):
    """The nodes below the output, each after its parents."""
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


def random_graph(nodes, seed):
    """Parents, slopes and output of a graph with forks, a doubled edge and unused nodes."""
    draw = random.Random(seed)
    name = list(range(nodes))
    draw.shuffle(name)  # numbers that say nothing about the order
    parents, slopes = [[] for _ in name], [[] for _ in name]
    for i in range(3, nodes):
        chosen = [draw.randrange(max(0, i - 4), i) for _ in range(2)]
        if i == 5:
            chosen = [4, 4]
        parents[name[i]] = [name[j] for j in chosen]
        slopes[name[i]] = [round(draw.uniform(-2, 2), 3) for _ in chosen]
    return parents, slopes, name[nodes - 2]
