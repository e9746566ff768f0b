"""Exercise `tools`: pick the tool to try first; the key is the lesson's decision table as code."""

from autograder.exercises import Choice

TRY = "go down the lesson's table of questions, and stop at the first yes"
TOOLS = {
    "rule": "a written rule",
    "readable": "a linear model or a small tree, and nothing larger",
    "linear": "a linear model, then boosted trees",
    "pretrained": "a pretrained network, its last layer refitted",
    "network": "a network, beside a plain baseline",
}
TASKS = {  # known rule, must be explained, kind of data, labelled examples
    "a": ("known", False, "table", 10_000),
    "b": ("unknown", False, "table", 4_000),
    "c": ("unknown", False, "images", 150),
    "d": ("unknown", False, "vibrations", 400_000),
    "e": ("unknown", True, "table", 50_000),
}
REASONS = {
    "a": {
        "readable": "the law can be read already, and is exact",
        "linear": "the law says what to add: a fitted rule can only come near it",
        "pretrained": "there is no error to learn from: the rule is known and must be exact",
        "network": "10,000 examples do not make an exact rule better than the rule",
    },
    "b": {
        "rule": "nobody knows a short rule for who leaves; that is why past customers are recorded",
        "readable": "a ranking is enough, so trees may try to beat the linear model",
        "pretrained": "the columns carry meaning by themselves: try the plain models first",
        "network": "it may be tried, but last: it has to beat linear model and trees",
    },
    "c": {
        "rule": "try to write down how a rotten apple looks, pixel by pixel",
        "readable": "nobody asked for reasons, and single pixels carry no meaning",
        "linear": "single pixels carry no meaning in a photo from changing sides",
        "network": "150 photos are few to learn features from scratch",
    },
    "d": {
        "rule": "nobody can say yet how a failing bearing shakes this engine",
        "readable": "nobody asked for reasons, and a single sample of a vibration means nothing",
        "linear": "a single sample of a vibration means nothing; features have to be learned",
        "pretrained": "nobody has such a network: the engine is new",
    },
    "e": {
        "rule": "no rule is given; it must be fitted, and be readable",
        "linear": "the law wants a reason each time: hundreds of boosted trees give no short one",
        "pretrained": "each refusal must be explained, and a deep network has no short answer",
        "network": "many rows do not help here: each refusal must be explained",
    },
}
QUESTIONS = {
    question: {
        letter: Choice(TOOLS[tool], tool, reasons.get(tool, "this is the one"))
        for letter, tool in zip("ABCDE", TOOLS, strict=True)
    }
    for question, reasons in REASONS.items()
}


def tool(rule, explained, data, labels):
    """The lesson's table of questions, from the top."""
    if rule == "known":
        return "rule"
    if explained:
        return "readable"
    if data == "table":
        return "linear"
    return "pretrained" if labels < 300 else "network"


def reference():
    """Return the tool for each task."""
    return {question: tool(*task) for question, task in TASKS.items()}
