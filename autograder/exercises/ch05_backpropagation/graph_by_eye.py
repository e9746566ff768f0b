"""Exercise `graph_by_eye`: read a small graph and predict its slopes and orders."""

from autograder.exercises import Choice

A, B = 3, 2  # u = a - b, v = a + b, L = u * v
EDGES = {"L": ("u", "v"), "u": ("a", "b"), "v": ("a", "b")}
TRY = "draw the graph, write the local slope on every edge, and go back from L"

QUESTIONS = {
    "a": {
        "A": Choice("5", 5, "this is the path through u alone; a is used by v as well"),
        "B": Choice("6", 6, "add the two paths: through u and through v"),
        "C": Choice("1", 1, "this is the path through v alone; a is used by u as well"),
        "D": Choice("3", 3, "this is the mean of the two paths; at a fork they are added"),
    },
    "b": {
        "A": Choice("4", 4, "the signs are exchanged: the slope of a - b in b is -1"),
        "B": Choice("6", 6, "the slope of a - b in b is -1, not 1"),
        "C": Choice("-4", -4, "add the two paths, each with the sign of its slope"),
        "D": Choice("-5", -5, "this is the path through u alone; b is used by v as well"),
    },
    "c": {
        "A": Choice(
            "L, u, a, v, b",
            "L u a v b",
            "a is asked to pass its gradient on before v, which uses a, has added its part",
        ),
        "B": Choice(
            "L, v, u, b, a",
            "L v u b a",
            "check that every node stands behind all nodes that use it",
        ),
        "C": Choice(
            "a, b, u, v, L",
            "a b u v L",
            "this is the order of the forward pass: at the start only L's gradient is known",
        ),
        "D": Choice(
            "L, b, v, u, a",
            "L b v u a",
            "b is used by u and by v, so it is complete only after both",
        ),
    },
    "d": {
        "A": Choice("1", 1, "each of the two edges of y + y carries the whole gradient"),
        "B": Choice("20", 20, "along a path slopes multiply; they do not add"),
        "C": Choice("1024", 1024, "two edges in each of ten steps: how many paths are there?"),
        "D": Choice("2", 2, "this is one step; after ten steps y is a multiple of x"),
    },
    "e": {
        "A": Choice("1", 1, "follow three steps: which edge writes last, and what does it write?"),
        "B": Choice(
            "512",
            512,
            "losing one edge in one step would halve the result; here it happens in each step",
        ),
        "C": Choice("0", 0, "the last edge still writes a gradient: nothing sets it to 0"),
        "D": Choice("1024", 1024, "this is the right gradient; with = the second edge overwrites"),
    },
}


def slopes():
    """Slopes of L in a and b, from a sum over all paths in whole numbers."""
    u, v = A - B, A + B
    local = {"Lu": v, "Lv": u, "ua": 1, "ub": -1, "va": 1, "vb": 1}
    found = {}
    for leaf in "ab":
        found[leaf] = sum(local["L" + mid] * local[mid + leaf] for mid in "uv")
    return found


def is_backward(order):
    """True if each node stands behind all nodes that use it."""
    place = {node: i for i, node in enumerate(order.split())}
    return all(place[node] < place[p] for node, ps in EDGES.items() for p in ps)


def doubled(steps, accumulate):
    """Gradient of x after y = y + y, `steps` times; with = in place of += if not accumulate."""
    grad = [0] * steps + [1]  # node k is the sum of two copies of node k - 1
    for k in range(steps, 0, -1):
        for _ in range(2):
            grad[k - 1] = grad[k - 1] * accumulate + grad[k]
    return grad[0]


def reference():
    """Compute the answer to every question."""
    found = slopes()
    (order,) = [c.value for c in QUESTIONS["c"].values() if is_backward(c.value)]
    right, overwritten = doubled(10, accumulate=True), doubled(10, accumulate=False)
    return {"a": found["a"], "b": found["b"], "c": order, "d": right, "e": overwritten}
