"""Exercise `perceptron_rule`: read the rule's code and predict what it does."""

from autograder.exercises import Choice

ROWS = ((0, 0), (0, 1), (1, 0), (1, 1))
AND, XOR = (0, 0, 0, 1), (0, 1, 1, 0)
TRY = "trace it on paper, a line for each row: z, y_hat, error, new w, new b"

QUESTIONS = {
    "a": {
        "A": Choice(
            "w = (0, 0), b = 0",
            ((0, 0), 0),
            "w is 0, so z is 0, but the update does not use z: it adds error * x, and row 4 is "
            "predicted wrongly",
        ),
        "B": Choice(
            "w = (1, 1), b = 0",
            ((1, 1), 0),
            "the bias moves as well, by the error: think of an input that is always 1",
        ),
        "C": Choice(
            "w = (-1, -1), b = -1",
            ((-1, -1), -1),
            "the error is y - y_hat; on row 4 it is 1 - 0, so the update adds",
        ),
        "D": Choice(
            "w = (1, 1), b = 1",
            ((1, 1), 1),
            "only row 4 is wrong in this epoch; look at its error and its x",
        ),
    },
    "b": {
        "A": Choice(
            "0: the only wrong row has been put right",
            0,
            "the update for row 4 also lifted z on the other rows; with b = 1 row 1 is now wrong",
        ),
        "B": Choice(
            "1",
            1,
            "row 1 is wrong, and so is the next one, with the weights as they are by then",
        ),
        "C": Choice(
            "3",
            3,
            "follow the weights from row to row: each mistake changes them for the next row",
        ),
        "D": Choice(
            "4",
            4,
            "on row 3 z is exactly 0, and the step gives 0 there: z > 0 is asked, not z >= 0",
        ),
    },
    "c": {
        "A": Choice(
            "They fall to 0, later than for AND",
            ("stops", 0),
            "no line has rows 2 and 3 on one side and rows 1 and 4 on the other",
        ),
        "B": Choice(
            "They settle at 1: a line gets three rows right",
            ("repeats", 1),
            "such a line exists, but the rule does not rest there: the wrong row moves it on",
        ),
        "C": Choice(
            "They settle at 4, and w and b are the same after every epoch",
            ("repeats", 4),
            "trace four epochs: what do the four updates of one epoch add up to?",
        ),
        "D": Choice(
            "They never fall to 0, and w and b grow without end",
            ("grows", 4),
            "the updates of one epoch cancel: the perceptron's weights stay bounded on any finite "
            "data set",
        ),
    },
    "d": {
        "A": Choice(
            "AND is learned, after more epochs",
            "learned",
            "without b the line z = 0 goes through (0, 0), and no such line separates AND",
        ),
        "B": Choice(
            "AND is learned from some starts of w, not from others",
            "some",
            "rows 2 and 3 ask for w1 <= 0 and w2 <= 0, row 4 for w1 + w2 > 0, whatever the start",
        ),
        "C": Choice(
            "AND is never learned, from no start of w",
            "never",
            "write down what rows 2, 3 and 4 ask of w1 and w2",
        ),
        "D": Choice(
            "Nothing changes: b was 0 at the start",
            "same",
            "b moves in the first epoch already, and AND ends with a negative b",
        ),
    },
    "e": {
        "A": Choice(
            "Fewer: each step goes ten times as far",
            "fewer",
            "w and b are ten times as large too, so each step turns the line as far as before",
        ),
        "B": Choice(
            "As many: w and b are ten times as large, the predictions are the same",
            "same",
            "compare the signs of z, row by row, with and without the factor",
        ),
        "C": Choice(
            "More: it oscillates around the solution",
            "more",
            "that is gradient descent on a smooth loss; the step asks only for the sign of z",
        ),
        "D": Choice(
            "It never stops: the steps are too large",
            "never",
            "from w = 0 and b = 0 the factor multiplies every z, and no sign changes",
        ),
    },
}


def epochs(labels, number, w=(0, 0), step=1, bias=True):
    """Run the rule in whole numbers; return [(w, b, mistakes)] after each epoch."""
    b, trace = 0, []
    for _ in range(number):
        mistakes = 0
        for (x1, x2), y in zip(ROWS, labels, strict=True):
            error = y - int(w[0] * x1 + w[1] * x2 + b > 0)
            w = (w[0] + step * error * x1, w[1] + step * error * x2)
            b += step * error * bias
            mistakes += error != 0
        trace.append((w, b, mistakes))
    return trace


def clean(trace):
    """Number of the first epoch without a mistake, or None."""
    return next((n for n, (_, _, mistakes) in enumerate(trace, 1) if mistakes == 0), None)


def reference():
    """Run every experiment that is asked for; return what happens in each."""
    first, second = epochs(AND, 2)
    late = epochs(XOR, 1000)[500:]
    kind = "stops" if clean(late) else "repeats" if len(set(late)) == 1 else "grows"
    starts = [(i, j) for i in range(-3, 4) for j in range(-3, 4)]
    without = [clean(epochs(AND, 200, w=w, bias=False)) for w in starts]
    usual, tenfold = clean(epochs(AND, 200)), clean(epochs(AND, 200, step=10))
    return {
        "a": first[:2],
        "b": second[2],
        "c": (kind, late[-1][2]),
        "d": "learned" if all(without) else "some" if any(without) else "never",
        "e": "same" if tenfold == usual else "fewer" if tenfold < usual else "more",
    }
