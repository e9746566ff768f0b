# ruff: noqa: E501  (lines of other code)
"""Attacks on the line between the two processes: answers that no honest process gives."""

EVERYWHERE = "softmax = cross_entropy = triple = activation = shuffle = power = slope = label = f\n"
LINE = "import sys\nside = sys.modules['_line']\n"
# Answer every request with the tree `forged`, whatever was asked
FORGE = (
    LINE
    + """
def answer(operation, rest, blobs):
    try:
        return ["value", [], [], [], [], None] if operation == "ping" else forged(rest)
    finally:
        side.blobs = side.blobs[:9]
side.answer = answer
"""
)

FORGED = {
    # Forged answers on the line
    "answers True": FORGE + """
forged = lambda rest: ['value', [], [], [], [], True]
""",
    "answers with its own question": FORGE + """
forged = lambda rest: ['value', [], [], [], [], rest[-1]]
""",
    "asks for the judge's tensors": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['token', 1]]
""",
    "asks for every token": FORGE + """
import itertools
numbers = itertools.count()
forged = lambda rest: ['value', [], [], [], [], ['token', next(numbers)]]
""",
    "graph that is not there": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['graph', 0]]
""",
    "graph of a negative number": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['graph', -1]]
""",
    "mirror of nothing": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['mirror', 5]]
""",
    "mirror of a list": FORGE + """
forged = lambda rest: ['value', [[1, [], None, True]], [], [], [], ['mirror', 1]]
""",
    "mirror of whole numbers": FORGE + """
def forged(rest):
    t = side.export_tensor(torch.ones(2).long())
    return ['value', [[1, t, None, True]], [], [], [], ['mirror', 1]]
""",
    "leaf of another's graph": FORGE + """
def forged(rest):
    t = side.export_tensor(torch.ones(2))
    return ['value', [], [[1, ['token', 3]]], [[2, t]], [], ['graph', 0]]
""",
    "argument rewritten": FORGE + """
def forged(rest):
    t = side.export_tensor(torch.zeros(2, 2))
    return ['value', [], [], [], [[0, t]], t]
""",
    "argument becomes another kind": FORGE + """
forged = lambda rest: ['value', [], [], [], [[0, True]], 1]
""",
    "argument that was not given": FORGE + """
forged = lambda rest: ['value', [], [], [], [[999, 1]], 1]
""",
    "claims to be a tensor": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['object', 1, [['torch', 'Tensor']], 'x']]
""",
    "claims to be a Mistake": FORGE + """
forged = lambda rest: ['error', 'Mistake', 'passed']
""",
    "claims odd kinds": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['object', 1, [['torch.nn', 'functional'], ['torch.nn.modules', '__dict__'], [[], {}], 3], {}]]
""",
    "an unknown word": FORGE + """
forged = lambda rest: ['passed', 100]
""",
    "no list": FORGE + """
forged = lambda rest: {'status': 'passed', 'points': 100}
""",
    "calls a function of its choice": FORGE + """
forged = lambda rest: ['callback', 140000000000, ['tuple', []], ['tuple', []]]
""",
    "a dtype of code": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['tensor', 0, '__class__', [1]]]
""",
    "an array of objects": FORGE + """
def forged(rest):
    side.blob(b'x' * 8)
    return ['value', [], [], [], [], ['array', 0, '|O', [1]]]
""",
    "sizes that disagree": FORGE + """
def forged(rest):
    side.blob(b'x' * 8)
    return ['value', [], [], [], [], ['tensor', 0, 'float32', [2**62, 4]]]
""",
    "a pickle": FORGE + """
def forged(rest):
    import pickle
    side.blob(pickle.dumps(print))
    return ['value', [], [], [], [], ['pickle', 0]]
""",
    "a bool of 255": FORGE + """
def forged(rest):
    side.blob(b'\\xff' * 4)
    return ['value', [], [], [], [], ['tensor', 0, 'bool', [2, 2]]]
""",
    "deep": FORGE + """
def forged(rest):
    tree = 1
    for _ in range(900):
        tree = ['list', [tree]]
    return ['value', [], [], [], [], tree]
""",
    "a million keys": FORGE + """
forged = lambda rest: ['value', [], [], [], [], ['dict', [[str(i), i] for i in range(300000)]]]
""",
    "a terabyte is coming": LINE + """
import struct
def f(*a):
    side.sock.send(struct.pack('!Q', 2**40))
    return 1
""" + EVERYWHERE,
    "answers before it is asked": LINE + """
import json, struct
head = json.dumps([['value', [], [], [], [], True], []]).encode()
for _ in range(50):
    side.sock.send(struct.pack('!Q', len(head)) + head)
""",
    "hangs up": LINE + """
side.sock.close()
""",
    "hangs up when asked": LINE + """
def f(*a):
    side.sock.close()
""" + EVERYWHERE,
    "no serving": LINE + """
sys.modules['_line'] = None
""",
    "serves something else": LINE + """
side.serve = lambda *a: None
""",
    "never ends to serve": LINE + """
import time
side.serve = lambda *a: time.sleep(1000)
""",
    "silent": LINE + """
import time
side.answer = lambda *a: time.sleep(1000)
""",
}  # fmt: skip
