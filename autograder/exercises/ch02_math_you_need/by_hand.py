"""Exercise `by_hand`: sums for paper and pencil, and what a computer makes of them."""

import numpy as np

from autograder.exercises import Choice

TRY = "write every product on a line of its own, then add"

QUESTIONS = {
    "a": {
        "A": Choice(
            "(10, 18, 28)",
            (10, 18, 28),
            "these are the three products; the dot product adds them up to one number",
        ),
        "B": Choice("56", 56, "multiply number by number, then add: 10 + 18 + 28"),
        "C": Choice(
            "162",
            162,
            "this multiplies the two sums, 9 times 18; multiply pair by pair first",
        ),
        "D": Choice("46", 46, "the last product is 4 times 7; write all three down before adding"),
    },
    "b": {
        "A": Choice(
            "It stops with an error: 3 rows do not fit 2 numbers",
            None,
            "the columns have to fit: W has 2 of them, and v has 2 numbers",
        ),
        "B": Choice(
            "(3, 7)",
            (3, 7),
            "a matrix of 3 rows gives 3 numbers, one for each row; the third row is missing",
        ),
        "C": Choice(
            "(3, 7, 21)",
            (3, 7, 21),
            "the last row is (1, 1): it adds 3 and 7, it does not multiply them",
        ),
        "D": Choice(
            "(3, 7, 10)", (3, 7, 10), "dot each row with v: the first row picks out one number"
        ),
    },
    "c": {
        "A": Choice(
            "p is (1/3, 1/3, 1/3) for the first, and nothing of the second is exactly 0",
            (True, False),
            "exp(-100) is about 4e-44, which float64 can hold: what do the zeros get?",
        ),
        "B": Choice(
            "p is (1/3, 1/3, 1/3) for the first, and exactly (1, 0, 0) for the second",
            (True, True),
            "exp never gives 0 on paper, and exp(-100) = 4e-44 is no 0 in float64 either",
        ),
        "C": Choice(
            "p is (5, 5, 5) for the first, since equal scores are left as they are",
            (False, False),
            "softmax always gives a sum of 1; by symmetry each of three equal scores gets 1/3",
        ),
        "D": Choice(
            "p is (1/3, 1/3, 1/3) for the first, and nan for the second: exp(100) overflows",
            (True, None),
            "exp(100) is 2.7e43, and float64 reaches 1.8e308: no overflow yet",
        ),
    },
    "d": {
        "A": Choice(
            "3200 for both: the product is associative",
            (3200, 3200),
            "associative means that the results are equal; count the multiplications of both",
        ),
        "B": Choice(
            "12,240 for (AB)v and 3200 for A(Bv)",
            (12240, 3200),
            "AB alone takes 4 times 50 times 60 multiplications",
        ),
        "C": Choice(
            "12,000 for (AB)v and 3200 for A(Bv)",
            (12000, 3200),
            "that is AB alone: the product of AB, 4 by 60, with v comes on top",
        ),
        "D": Choice(
            "3200 for (AB)v and 12,240 for A(Bv)",
            (3200, 12240),
            "the brackets say what comes first: Bv is a vector, AB is a matrix",
        ),
    },
    "e": {
        "A": Choice(
            "0: twenty steps suffice for a parabola",
            0.0,
            "each step multiplies x by the same factor, which is not 0",
        ),
        "B": Choice(
            "about 0.115",
            0.115,
            "each step multiplies x by 1 - 0.1 * 2; raise that to the power 20",
        ),
        "C": Choice(
            "about 1.22",
            1.216,
            "this multiplies by 0.9 each time; the slope of x^2 is 2x, not x",
        ),
        "D": Choice(
            "about 383",
            383.376,
            "this goes uphill, by a factor of 1.2 a step: the update goes against the slope",
        ),
    },
}


def softmax(z):
    e = np.exp(np.asarray(z, dtype=np.float64))
    return e / e.sum()


def reference():
    """Let the computer do the sums."""
    even, sure = softmax([5, 5, 5]), softmax([100, 0, 0])
    x = 10.0
    for _ in range(20):
        x = x - 0.1 * 2 * x
    return {
        "a": int(np.dot([2, 3, 4], [5, 6, 7])),
        "b": tuple((np.array([[1, 0], [0, 1], [1, 1]]) @ [3, 7]).tolist()),
        "c": (bool(np.allclose(even, 1 / 3)), bool((sure == [1, 0, 0]).all())),
        "d": (4 * 50 * 60 + 4 * 60, 50 * 60 + 4 * 50),
        "e": round(x, 3),
    }
