"""Exercise `loop_by_eye`: read pieces of a training loop and predict what they do."""

import torch
from torch import nn
from torch.utils.data import DataLoader

from autograder.exercises import Choice

TRY = "go through the lines one by one and write down what each name holds"

QUESTIONS = {
    "a": {
        "A": Choice("3", 3.0, "nothing clears .grad between the three calls"),
        "B": Choice("9", 9.0, "backward adds the slope 3 to what is there, three times"),
        "C": Choice("27", 27.0, "gradients are added; nothing multiplies them"),
        "D": Choice("None", None, "w requires a gradient and is used, so backward fills it"),
    },
    "b": {
        "A": Choice(
            "False and False: eval mode switches the graph off",
            (False, False),
            "eval() sets a flag that dropout reads; autograd does not read it",
        ),
        "B": Choice(
            "True and False: no_grad alone decides about the graph",
            (True, False),
            "eval mode leaves autograd alone, no_grad does not",
        ),
        "C": Choice(
            "True and True: a model's output always has a graph",
            (True, True),
            "under no_grad nothing is recorded",
        ),
        "D": Choice(
            "False and True: no_grad is undone by eval mode",
            (False, True),
            "the two switches do not know each other",
        ),
    },
    "c": {
        "A": Choice("2 batches, the last has 4", (2, 4), "drop_last is off unless you ask for it"),
        "B": Choice("3 batches, the last has 4", (3, 4), "3 times 4 is 12, and there are only 10"),
        "C": Choice("3 batches, the last has 2", (3, 2), "count what is left after two full ones"),
        "D": Choice("2 batches, the last has 5", (2, 5), "batch_size is a size, not a number"),
    },
    "d": {
        "A": Choice("2.0", 2.0, "weigh each mean by its batch: 4, 4 and 2 examples"),
        "B": Choice(
            "2.67", 2.67, "this is the mean of the three means; the last batch holds 2 examples"
        ),
        "C": Choice("8.0", 8.0, "this is the sum of the three means"),
        "D": Choice("0.8", 0.8, "this divides the sum of three means by all ten examples"),
    },
    "e": {
        "A": Choice(
            "3, the epoch with the lowest loss",
            3,
            "a state dict holds the live tensors, and training goes on with them",
        ),
        "B": Choice(
            "2, the one before",
            2,
            "the dict is taken after epoch 3; then ask what happens to its tensors later",
        ),
        "C": Choice(
            "5, the last one",
            5,
            "a state dict holds the live tensors: follow them to the end",
        ),
        "D": Choice(
            "0, the untrained one",
            0,
            "the branch is entered at epochs 1, 2 and 3; the tensors move on after that",
        ),
    },
}


def reference():
    """Run every piece; return what happens."""
    w = nn.Parameter(torch.tensor(1.0))
    for _ in range(3):
        (3 * w).backward()
    model = nn.Linear(2, 1).eval()
    recorded = model(torch.ones(1, 2)).requires_grad
    with torch.no_grad():
        silent = model(torch.ones(1, 2)).requires_grad
    parts = [len(part) for part in DataLoader(torch.arange(10), batch_size=4)]
    means = torch.tensor([1.0, 1.0, 6.0])
    return {
        "a": w.grad.item(),
        "b": (recorded, silent),
        "c": (len(parts), parts[-1]),
        "d": round((means * torch.tensor([4.0, 4, 2])).sum().item() / 10, 2),
        "e": kept_epoch([0.9, 0.5, 0.4, 0.45, 0.6]),
    }


def kept_epoch(losses):
    """Return the epoch whose weight is loaded at the end; the weight is the epoch's number."""
    model, lowest = nn.Linear(1, 1, bias=False), float("inf")
    best = model.state_dict()
    for epoch, loss in enumerate(losses, 1):
        nn.init.constant_(model.weight, epoch)
        if loss < lowest:
            best, lowest = model.state_dict(), loss
    model.load_state_dict(best)
    return int(model.weight)
