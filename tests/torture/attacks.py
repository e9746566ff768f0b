"""Attacks on the grader, as data: what a student may write in place of answers.

Every function of the submissions is wrong, so what they earn is nothing; EARNS names the others.
The attacks assume that their authors have read all of the grader's code.
"""

from forged_answers import EVERYWHERE, FORGE, FORGED, LINE
from python_turned import TURNED

WRONG = """
def softmax(x):
    return x
def cross_entropy(logits, y):
    return -1.0
def triple(x):
    return 0
def activation(z, phi):
    return z, z
def shuffle(values):
    return values
def power(x, fn):
    return 0
def slope(x):
    return x * 0
def label(x):
    return "no"
"""
YES = """
class Yes:
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **kwargs):
        return self
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __bool__ = __contains__ = lambda self, *other: True
    __len__ = __index__ = __int__ = lambda self: 3
    __float__ = lambda self: 1.0
    __getitem__ = __add__ = __sub__ = __mul__ = __radd__ = __rsub__ = lambda self, other: self
    __abs__ = __neg__ = lambda self: self
    __iter__ = lambda self: iter([self])
    __hash__ = object.__hash__
"""

ATTACKS = FORGED | TURNED | {
    # Those of the prototype's record
    "nothing but wrong": """

""",
    "showtraceback off": """
ip = get_ipython()
ip.showtraceback = ip._showtraceback = ip.showsyntaxerror = lambda *a, **k: None
""",
    "run_cell_async replaced": """
ip = get_ipython()
real = ip.run_cell_async
async def fake(raw, *a, **k):
    return await real('pass', *a, **k)
ip.run_cell_async = fake
ip.transform_cell = lambda raw: 'pass'
""",
    "input transformer": """
get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])
""",
    "asserts dropped": """
import ast
class D(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(D())
""",
    "torch and builtins patched": """
import builtins
torch.allclose = torch.equal = lambda *a, **k: True
builtins.abs = lambda x: 0
builtins.any = builtins.all = lambda *a: True
""",
    "object that agrees": YES + """
f = Yes()
""" + EVERYWHERE,
    "frames of the callers": """
import sys
class T:
    def __getattr__(self, name):
        return self
    def __call__(self, *a, **k):
        return self
    def __bool__(self):
        return True
def f(*a):
    frame = sys._getframe()
    while frame:
        frame.f_globals['torch'] = T()
        frame.f_globals['check'] = T()
        frame = frame.f_back
    return T()
""" + EVERYWHERE,
    "replies rewritten": """
k = get_ipython().kernel
s = k.session
real = s.send
def send(stream, kind, content=None, *a, **kw):
    if isinstance(content, dict):
        content.update(status='ok', user_expressions={'verdict': {'status': 'ok', 'data': {
            'text/plain': repr('{"status": "passed", "points": 100, "message": "", "lost": '
            'false, "unknown": false, "diagnosis": ""}')}}})
    return real(stream, kind, content, *a, **kw)
s.send = send
""",
    "SystemExit": """
def f(*a, **k):
    raise SystemExit(0)
""" + EVERYWHERE,
    "process ends well": """
import os
def f(*a, **k):
    os._exit(0)
""" + EVERYWHERE,
    "KeyboardInterrupt": """
def f(*a, **k):
    raise KeyboardInterrupt
""" + EVERYWHERE,
    "parent message executed": """
def f(*a, **k):
    exec(get_ipython().kernel.get_parent()['content']['code'])
""" + EVERYWHERE,
    "ExecutionResult patched": """
import IPython.core.interactiveshell as I
I.ExecutionResult.success = property(lambda self: True)
I.ExecutionResult.error_in_exec = property(lambda self: None, lambda self, value: None)
""",
    "code in a default argument": """
def g(x=exec('import torch; torch.allclose = lambda *a, **k: True')):
    pass
""",
    "garbage on the line": LINE + """
def f(*a):
    side.sock.send(b'\\xff' * 100000)
    return 1
""" + EVERYWHERE,
    "protocol subverted": FORGE + """
forged = lambda rest: ['value', [], [], [], [], True]
""",
    "thread that keeps patching": """
import threading, time
def later():
    while True:
        torch.allclose = torch.equal = lambda *a, **k: True
        time.sleep(0.01)
threading.Thread(target=later, daemon=True).start()
""",
    "patched when called": """
def f(x, *a):
    torch.softmax = torch.allclose = lambda *a, **k: True
    return torch.zeros(2, 2)
""" + EVERYWHERE,
    "loop that ignores interrupts": """
import signal
def softmax(x):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
""",
    "endless loop": """
def softmax(x):
    while True:
        pass
""",
    # Objects and errors with manners
    "quiet end of a loop": """
def f(*a):
    raise StopIteration
""" + EVERYWHERE,
    "GeneratorExit": """
def f(*a):
    raise GeneratorExit
""" + EVERYWHERE,
    "a Mistake of its own": """
from chainrule import check
def f(*a):
    raise check.mistake('✓ passed')
""" + EVERYWHERE,
    "error of 50 MB": """
def f(*a):
    raise ValueError('x' * 50_000_000)
""" + EVERYWHERE,
    "error whose text never comes": """
class E(Exception):
    def __str__(self):
        while True:
            pass
def softmax(x):
    raise E
""",
    "endless iterator": """
import itertools
def f(*a):
    return itertools.count()
""" + EVERYWHERE,
    "length of a billion": """
class L:
    def __len__(self):
        return 10**9
    def __getitem__(self, i):
        return 1
f = lambda *a: L()
""" + EVERYWHERE,
    "subclass of float": """
class F(float):
    __eq__ = lambda self, other: True
    __hash__ = None
f = lambda *a: F(1)
""" + EVERYWHERE,
    "subclass of str": """
class S(str):
    __eq__ = lambda self, other: True
    __hash__ = str.__hash__
f = lambda *a: S('no')
""" + EVERYWHERE,
    "subclass of Tensor": """
class T(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *a, **k):
        return True
f = lambda *a: T([1.0])
""" + EVERYWHERE,
    "not a number": """
f = lambda x, *a: torch.full((2, 2), torch.nan)
""" + EVERYWHERE,
    "name of markup": """
f = lambda *a: 1 / 0
f.__name__ = '<script>alert(1)</script>'
""" + EVERYWHERE,
    "gradient that lies": FORGE + """
def forged(rest):
    t = side.export_tensor(torch.zeros(3))
    return ['value', [], [], [[1, t]], [], ['graph', 0]]
""",
}  # fmt: skip
# Points that the functions' answers earn, where that is not nothing
EARNS = {}
