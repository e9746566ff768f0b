"""Exercise `init_std`: the standard deviation that keeps the size of a signal."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, talkative

EXAMPLES = {
    "He, a linear layer": ((5, 8), "he", 2**0.5),
    "Xavier, a linear layer": ((30, 20), "xavier", 1.0),
    "He, a convolution": ((6, 2, 3, 3), "he", 2**0.5),
    "Xavier with a gain": ((6, 2, 3, 3), "xavier", 2.0),
}
RETURNS = ("std",)


def reference(shape, rule, gain):
    """torch's own fans; the standard deviation of its uniform initialization."""
    weight = torch.empty(*shape, device="meta")
    fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(weight)
    if rule == "he":
        return torch.tensor(gain / fan_in**0.5)
    bound = gain * (6 / (fan_in + fan_out)) ** 0.5
    return torch.tensor(bound / 3**0.5)


def _std(
    shape, rule, gain, *,
    fans=lambda shape, field: (shape[1] * field, shape[0] * field), times=2.0, power=0.5,
    use_gain=lambda gain: gain, he=lambda fan_in, fan_out: fan_in,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    field = 1
    for size in shape[2:]:
        field *= size
    fan_in, fan_out = fans(shape, field)
    spread = 1 / he(fan_in, fan_out) if rule == "he" else times / (fan_in + fan_out)
    return use_gain(gain) * spread**power


def _with(**steps):
    return partial(_std, **steps)


def _uniform_bound(shape, rule, gain):
    return 3**0.5 * _std(shape, rule, gain)


def _xavier_by_fan_in(shape, rule, gain):
    return _std(shape, "he", gain)


def _size_of_the_tensor(shape, rule, gain):
    total = 1
    for size in shape:
        total *= size
    return gain / total**0.5


def _linear_only(shape, rule, gain):
    n_out, n_in = shape
    return _std((n_out, n_in), rule, gain)


def _he_always_relu(shape, rule, gain):
    return _std(shape, rule, 2**0.5 if rule == "he" else gain)


def _in_tensors(shape, rule, gain):
    return torch.full(tuple(shape), _std(shape, rule, gain))


WRONG = {
    "variance": Wrong(
        _with(power=1.0),
        "this is a variance (times the gain); the standard deviation is its root",
        "take the square root of 1/fan_in or 2/(fan_in + fan_out)",
    ),
    "fans_exchanged": Wrong(
        _with(fans=lambda shape, field: (shape[0] * field, shape[1] * field)),
        "fan-in and fan-out are exchanged: torch keeps weights as (n_out, n_in, ...)",
        "fan_in = shape[1] * size of the kernel",
    ),
    "kernel_forgotten": Wrong(
        _with(fans=lambda shape, field: (shape[1], shape[0])),
        "the kernel is not counted: one output of a 3 by 3 convolution sees 9 times the channels",
        "multiply both fans by the sizes of the kernel",
    ),
    "gain_forgotten": Wrong(
        _with(use_gain=lambda gain: 1.0),
        "the gain is not used",
        "multiply the standard deviation by gain",
    ),
    "gain_squared": Wrong(
        _with(use_gain=lambda gain: gain**2),
        "the gain enters twice: it belongs to the standard deviation, its square to the variance",
        "multiply the root by gain once",
    ),
    "half_of_xavier": Wrong(
        _with(times=1.0),
        "Xavier's 2 is missing: it takes the mean of the two fans, their sum over 2",
        "2 / (fan_in + fan_out)",
    ),
    "uniform_bound": Wrong(
        _uniform_bound,
        "this is the bound of a uniform distribution, the root of 3 times its deviation",
        "return the standard deviation",
    ),
    "xavier_by_fan_in": Wrong(
        _xavier_by_fan_in,
        "Xavier looks at fan-in alone; it is a compromise of both directions",
        "2 / (fan_in + fan_out)",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "size_of_the_tensor": Wrong(_size_of_the_tensor),
    "linear_only": Wrong(_linear_only),
    "he_always_relu": Wrong(_he_always_relu),
    "a_whole_tensor": Wrong(_in_tensors),
}


def by_exp_and_log(shape, rule, gain):
    """Through logarithms, with torch numbers."""
    sizes = torch.tensor(list(shape), dtype=torch.float64).log()
    inside, outside = sizes[1:].sum(), sizes[0] + sizes[2:].sum()
    if rule == "he":
        return gain * float(torch.exp(-inside / 2))
    return gain * float(torch.exp(-torch.logaddexp(inside, outside) / 2)) * 2**0.5


def from_a_layer(shape, rule, gain):
    """Count what one output sees, and what one input reaches."""
    weight = torch.ones(*shape)
    fan_in = weight[0].numel()
    fan_out = weight[:, 0].numel()
    return gain * {"he": 1 / fan_in, "xavier": 2 / (fan_in + fan_out)}[rule] ** 0.5


def mean_of_the_fans(shape, rule, gain):
    n_out, n_in, *kernel = shape
    field = torch.Size(kernel).numel() if kernel else 1
    fan = field * (n_in if rule == "he" else (n_in + n_out) / 2)
    return gain * fan**-0.5


RIGHT = [by_exp_and_log, from_a_layer, mean_of_the_fans, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    draw = torch.Generator().manual_seed(seed)
    for _ in range(3):
        n_out, n_in, k1, k2 = torch.randint(2, 60, (4,), generator=draw).tolist()
        for rule in ("he", "xavier"):
            for gain in (1.0, 5 / 3):
                match(((n_out, n_in + 60), rule, gain), f"{rule}, a linear layer")
                match(((n_out, n_in + 60, k1), rule, gain), f"{rule}, one axis of kernel")
                match(((n_out, n_in + 60, k1, k2), rule, gain), f"{rule}, two axes of kernel")
    match(((1, 1), "xavier", 1.0), "one input, one output")
