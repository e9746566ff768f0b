"""The two drawings of lesson 6, with the lesson's numbers."""

from svg import BLUE, GREY, INK, ORANGE, PALE, Drawing

LR, GRADIENTS = 0.1, (4, 4, -4)


def number(value, digits=2):
    return f"{value:.{digits}f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def momentum_steps(beta, ahead=False):
    v = 0
    for g in GRADIENTS:
        v = beta * v + g
        yield LR * (g + beta * v if ahead else v)


def rmsprop_steps(beta=0.99):
    s = 0
    for g in GRADIENTS:
        s = beta * s + (1 - beta) * g * g
        yield LR * g / s**0.5


def adam_steps(beta1=0.9, beta2=0.999):
    m = s = 0
    for t, g in enumerate(GRADIENTS, 1):
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g
        yield LR * (m / (1 - beta1**t)) / (s / (1 - beta2**t)) ** 0.5


def rule(page, x, y, name, text, steps):
    """A box: the rule's name, its formula, and its first three steps."""
    page.box(x, y, 196, 92, color=BLUE)
    page.text(x, y - 28, name, weight="bold")
    page.text(x, y - 1, text, size=15)
    page.text(x, y + 28, steps, color=GREY, size=15)


def shown(steps):
    return "steps " + ", ".join(number(s) for s in steps)


def mends(page, start, end, fault, at):
    """An arrow from one rule to the next, and the fault that the next one mends."""
    page.line(start, end, color=ORANGE, width=2, arrow=True)
    for k, line in enumerate(fault):
        page.text(at[0], at[1] + 18 * k, line, color=ORANGE, size=14)


def rules():
    page = Drawing(760, 430, "Six update rules and the fault that each one mends")
    rule(page, 108, 215, "SGD", "x ← x − η g", shown(LR * g for g in GRADIENTS))
    rule(page, 380, 64, "momentum", "v ← ½ v + g,  x ← x − η v", shown(momentum_steps(0.5)))
    rule(page, 652, 64, "Nesterov", "x ← x − η (g + ½ v)", shown(momentum_steps(0.5, True)))
    rule(page, 380, 366, "RMSProp", "x ← x − η g / √s", shown(rmsprop_steps()))
    rule(page, 380, 215, "Adam", "x ← x − η m̂ / √ŝ", shown(adam_steps()))
    rule(page, 652, 215, "AdamW", "x ← (1 − ηδ) x − …", "and Adam's steps")
    mends(page, (150, 167), (278, 86), ("bounces across,", "creeps along"), (170, 96))
    mends(page, (482, 64), (550, 64), ("swings",), (516, 44))
    mends(page, (150, 263), (278, 346), ("one step size", "for all weights"), (170, 318))
    mends(page, (380, 112), (380, 165), (), (0, 0))
    mends(page, (380, 318), (380, 265), (), (0, 0))
    mends(page, (482, 215), (550, 215), ("L2 is", "divided too"), (516, 178))
    page.text(652, 330, "gradients 4, 4, −4", color=GREY, size=15)
    page.text(652, 352, "η = 0.1", color=GREY, size=15)
    page.write("06_rules")


def stability(beta=0.9):
    limits = {
        "no momentum": 2,
        f"momentum {beta}": 2 * (1 + beta),
        f"Nesterov {beta}": 2 * (1 + beta) / (1 + 2 * beta),
    }
    page = Drawing(760, 230, "For which products of learning rate and curvature a walk shrinks")
    place = lambda value: 150 + 130 * value
    for k, (name, limit) in enumerate(limits.items()):
        y = 40 + 50 * k
        page.text(140, y, name, anchor="end", size=15)
        page.line((place(0), y), (place(limit), y), color=BLUE, width=12)
        page.line((place(limit), y), (place(4.4), y), color=PALE, width=12)
        end = place(limit)
        page.line((end, y - 16), (end, y + 16), color=ORANGE, width=2.5)
        page.text(end + 8, y - 16, number(limit), color=ORANGE, size=15, anchor="start")
    page.text(place(0.5), 62, "creeps", color=BLUE, size=14)
    page.text(place(1.5), 62, "swings, shrinks", color=BLUE, size=14)
    page.text(place(3), 62, "grows", color=GREY, size=14)
    page.line((place(0), 185), (place(4.5), 185), arrow=True)
    for value in range(5):
        page.line((place(value), 180), (place(value), 190), color=INK)
        page.text(place(value), 204, str(value), size=15)
    page.text(place(4.5), 164, "ηλ", size=16)
    page.write("06_stability")


if __name__ == "__main__":
    rules()
    stability()
