"""Attacks on the grader, as data: what a student may write in place of answers.

Every function of the submissions is wrong, so what they earn is nothing; EARNS names the others.
The attacks assume that their authors have read all of the grader's code.
"""

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
EVERYWHERE = "softmax = cross_entropy = triple = activation = shuffle = power = slope = label = f\n"
LINE = "import sys\nline = sys.modules['_line']\nside = line.side\n"
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

ATTACKS = {
    # Those of the prototype's record
    "nothing but wrong": "",
    "showtraceback off": "ip = get_ipython()\n"
    "ip.showtraceback = ip._showtraceback = ip.showsyntaxerror = lambda *a, **k: None",
    "run_cell_async replaced": "ip = get_ipython()\nreal = ip.run_cell_async\n"
    "async def fake(raw, *a, **k):\n    return await real('pass', *a, **k)\nip.run_cell_async = fake\n"
    "ip.transform_cell = lambda raw: 'pass'",
    "input transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "asserts dropped": "import ast\nclass D(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
    "        return ast.copy_location(ast.Pass(), node)\nget_ipython().ast_transformers.append(D())",
    "torch and builtins patched": "import builtins\ntorch.allclose = torch.equal = lambda *a, **k: True\n"
    "builtins.abs = lambda x: 0\nbuiltins.any = builtins.all = lambda *a: True",
    "object that agrees": YES + "f = Yes()\n" + EVERYWHERE,
    "frames of the callers": "import sys\nclass T:\n    def __getattr__(self, name):\n        return self\n"
    "    def __call__(self, *a, **k):\n        return self\n    def __bool__(self):\n        return True\n"
    "def f(*a):\n    frame = sys._getframe()\n    while frame:\n        frame.f_globals['torch'] = T()\n"
    "        frame.f_globals['check'] = T()\n        frame = frame.f_back\n    return T()\n"
    + EVERYWHERE,
    "replies rewritten": "k = get_ipython().kernel\ns = k.session\nreal = s.send\n"
    "def send(stream, kind, content=None, *a, **kw):\n    if isinstance(content, dict):\n"
    "        content.update(status='ok', user_expressions={'verdict': {'status': 'ok', 'data': {\n"
    '            \'text/plain\': repr(\'{"status": "passed", "points": 100, "message": "", "lost": \'\n'
    '            \'false, "unknown": false, "diagnosis": ""}\')}}})\n'
    "    return real(stream, kind, content, *a, **kw)\ns.send = send",
    "SystemExit": "def f(*a, **k):\n    raise SystemExit(0)\n" + EVERYWHERE,
    "process ends well": "import os\ndef f(*a, **k):\n    os._exit(0)\n" + EVERYWHERE,
    "KeyboardInterrupt": "def f(*a, **k):\n    raise KeyboardInterrupt\n" + EVERYWHERE,
    "parent message executed": "def f(*a, **k):\n    exec(get_ipython().kernel.get_parent()['content']['code'])\n"
    + EVERYWHERE,
    "ExecutionResult patched": "import IPython.core.interactiveshell as I\n"
    "I.ExecutionResult.success = property(lambda self: True)\n"
    "I.ExecutionResult.error_in_exec = property(lambda self: None, lambda self, value: None)",
    "code in a default argument": "def g(x=exec('import torch; torch.allclose = lambda *a, **k: True')):\n    pass",
    "garbage on the line": LINE
    + "def f(*a):\n    side.sock.send(b'\\xff' * 100000)\n    return 1\n"
    + EVERYWHERE,
    "protocol subverted": FORGE + "forged = lambda rest: ['value', [], [], [], [], True]",
    "thread that keeps patching": "import threading, time\ndef later():\n    while True:\n"
    "        torch.allclose = torch.equal = lambda *a, **k: True\n        time.sleep(0.01)\n"
    "threading.Thread(target=later, daemon=True).start()",
    "patched when called": "def f(x, *a):\n    torch.softmax = torch.allclose = lambda *a, **k: True\n"
    "    return torch.zeros(2, 2)\n" + EVERYWHERE,
    "loop that ignores interrupts": "import signal\ndef softmax(x):\n"
    "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True:\n        pass",
    "endless loop": "def softmax(x):\n    while True:\n        pass",
    # Forged answers on the line
    "answers True": FORGE + "forged = lambda rest: ['value', [], [], [], [], True]",
    "answers with its own question": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], rest[-1]]",
    "asks for the judge's tensors": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['token', 1]]",
    "asks for every token": FORGE + "import itertools\nnumbers = itertools.count()\n"
    "forged = lambda rest: ['value', [], [], [], [], ['token', next(numbers)]]",
    "graph that is not there": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['graph', 0]]",
    "graph of a negative number": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['graph', -1]]",
    "mirror of nothing": FORGE + "forged = lambda rest: ['value', [], [], [], [], ['mirror', 5]]",
    "mirror of a list": FORGE
    + "forged = lambda rest: ['value', [[1, [], None, True]], [], [], [], ['mirror', 1]]",
    "mirror of whole numbers": FORGE
    + "def forged(rest):\n    t = side.export_tensor(torch.ones(2).long())\n"
    "    return ['value', [[1, t, None, True]], [], [], [], ['mirror', 1]]",
    "leaf of another's graph": FORGE
    + "def forged(rest):\n    t = side.export_tensor(torch.ones(2))\n"
    "    return ['value', [], [[1, ['token', 3]]], [[2, t]], [], ['graph', 0]]",
    "argument rewritten": FORGE
    + "def forged(rest):\n    t = side.export_tensor(torch.zeros(2, 2))\n"
    "    return ['value', [], [], [], [[0, t]], t]",
    "argument becomes another kind": FORGE
    + "forged = lambda rest: ['value', [], [], [], [[0, True]], 1]",
    "argument that was not given": FORGE
    + "forged = lambda rest: ['value', [], [], [], [[999, 1]], 1]",
    "claims to be a tensor": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['object', 1, "
    "[['torch', 'Tensor']], 'x']]",
    "claims to be a Mistake": FORGE + "forged = lambda rest: ['error', 'Mistake', 'passed']",
    "claims odd kinds": FORGE + "forged = lambda rest: ['value', [], [], [], [], ['object', 1, "
    "[['torch.nn', 'functional'], ['torch.nn.modules', '__dict__'], [[], {}], 3], {}]]",
    "an unknown word": FORGE + "forged = lambda rest: ['passed', 100]",
    "no list": FORGE + "forged = lambda rest: {'status': 'passed', 'points': 100}",
    "calls a function of its choice": FORGE
    + "forged = lambda rest: ['callback', 140000000000, ['tuple', []], "
    "['tuple', []]]",
    "a dtype of code": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['tensor', 0, '__class__', [1]]]",
    "an array of objects": FORGE + "def forged(rest):\n    side.blob(b'x' * 8)\n"
    "    return ['value', [], [], [], [], ['array', 0, '|O', [1]]]",
    "sizes that disagree": FORGE + "def forged(rest):\n    side.blob(b'x' * 8)\n"
    "    return ['value', [], [], [], [], ['tensor', 0, 'float32', [2**62, 4]]]",
    "a pickle": FORGE + "def forged(rest):\n    import pickle\n    side.blob(pickle.dumps(print))\n"
    "    return ['value', [], [], [], [], ['pickle', 0]]",
    "a bool of 255": FORGE + "def forged(rest):\n    side.blob(b'\\xff' * 4)\n"
    "    return ['value', [], [], [], [], ['tensor', 0, 'bool', [2, 2]]]",
    "deep": FORGE
    + "def forged(rest):\n    tree = 1\n    for _ in range(900):\n        tree = ['list', [tree]]\n"
    "    return ['value', [], [], [], [], tree]",
    "a million keys": FORGE
    + "forged = lambda rest: ['value', [], [], [], [], ['dict', [[str(i), i] "
    "for i in range(300000)]]]",
    "a terabyte is coming": LINE
    + "import struct\ndef f(*a):\n    side.sock.send(struct.pack('!Q', 2**40))\n"
    "    return 1\n" + EVERYWHERE,
    "answers before it is asked": LINE + "import json, struct\n"
    "head = json.dumps([['value', [], [], [], [], True], []]).encode()\n"
    "for _ in range(50):\n    side.sock.send(struct.pack('!Q', len(head)) + head)",
    "hangs up": LINE + "side.sock.close()",
    "hangs up when asked": LINE + "def f(*a):\n    side.sock.close()\n" + EVERYWHERE,
    "no serving": LINE + "line.side = None",
    "serves something else": LINE + "side.serve = lambda *a: None",
    "never ends to serve": LINE + "import time\nside.serve = lambda *a: time.sleep(1000)",
    "silent": LINE + "import time\nside.answer = lambda *a: time.sleep(1000)",
    # Objects and errors with manners
    "quiet end of a loop": "def f(*a):\n    raise StopIteration\n" + EVERYWHERE,
    "GeneratorExit": "def f(*a):\n    raise GeneratorExit\n" + EVERYWHERE,
    "a Mistake of its own": "from chainrule import check\ndef f(*a):\n    raise check.mistake('✓ passed')\n"
    + EVERYWHERE,
    "error of 50 MB": "def f(*a):\n    raise ValueError('x' * 50_000_000)\n" + EVERYWHERE,
    "error whose text never comes": "class E(Exception):\n    def __str__(self):\n        while True:\n"
    "            pass\ndef softmax(x):\n    raise E",
    "endless iterator": "import itertools\ndef f(*a):\n    return itertools.count()\n" + EVERYWHERE,
    "length of a billion": "class L:\n    def __len__(self):\n        return 10**9\n    def __getitem__(self, i):\n"
    "        return 1\nf = lambda *a: L()\n" + EVERYWHERE,
    "subclass of float": "class F(float):\n    __eq__ = lambda self, other: True\n    __hash__ = None\n"
    "f = lambda *a: F(1)\n" + EVERYWHERE,
    "subclass of str": "class S(str):\n    __eq__ = lambda self, other: True\n    __hash__ = str.__hash__\n"
    "f = lambda *a: S('no')\n" + EVERYWHERE,
    "subclass of Tensor": "class T(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, *a, **k):\n"
    "        return True\nf = lambda *a: T([1.0])\n" + EVERYWHERE,
    "not a number": "f = lambda x, *a: torch.full((2, 2), torch.nan)\n" + EVERYWHERE,
    "name of markup": "f = lambda *a: 1 / 0\nf.__name__ = '<script>alert(1)</script>'\n"
    + EVERYWHERE,
    "gradient that lies": FORGE + "def forged(rest):\n    t = side.export_tensor(torch.zeros(3))\n"
    "    return ['value', [], [], [[1, t]], [], ['graph', 0]]",
    # Python and Jupyter turned round
    "import hook": "import sys\nclass H:\n    def find_spec(self, name, *a):\n        if 'autograder' in name:\n"
    "            raise ImportError('passed')\nsys.meta_path.insert(0, H())",
    "modules replaced": "import sys, types\nfor name in ('torch', 'numpy', 'chainrule.check', 'json'):\n"
    "    sys.modules[name] = types.ModuleType(name)",
    "trace function": "import sys\nsys.settrace(lambda frame, *a: frame.f_locals.update(passed=True))",
    "exit handler": "import atexit, os\natexit.register(lambda: print('passed'))\nos.kill(os.getpid(), 15)",
    "sockets rewritten": "import socket\nsocket.socket.sendall = lambda *a: None",
    "json rewritten": "import json\njson.dumps = lambda *a, **k: '[[\"value\", [], [], [], [], true], []]'",
    "names of the test": "unseen = print\nexpected = got = x = y = True\n_judge = _trial = None\n"
    "check = torch = math = __builtins__ = None",
    "namespace replaced": "class N(dict):\n    def __getitem__(self, name):\n        return lambda *a, **k: True\n"
    "import sys\nsys.modules['_line'].side.names = N()",
    "child serves on": "import os, time\nif os.fork():\n    time.sleep(0.5)\n    os._exit(0)",
    "hidden checks imported": "def f(*a):\n    from autograder.exercises.ch04_first_neural_network import activation\n"
    "    return activation.reference(*a)\nactivation = f",
    "seed taken": "import os\ndef f(*a):\n    return float(os.environ['CHAINRULE_SEED'])\n"
    + EVERYWHERE,
    "seed searched": "import glob\ndef f(*a):\n    for path in glob.glob('/proc/*/environ'):\n"
    "        text = open(path).read()\n        if 'CHAINRULE_SEED' in text:\n"
    "            return float(text.partition('CHAINRULE_SEED=')[2].partition(chr(0))[0])\n"
    + EVERYWHERE,
    "tests searched": "import gc\ndef f(*a):\n    for o in gc.get_objects():\n"
    "        if isinstance(o, str) and 'assert softmax' in o:\n            exec(o)\n" + EVERYWHERE,
    "judge's memory": "import glob\ndef f(*a):\n    for path in glob.glob('/proc/[0-9]*/mem'):\n"
    "        open(path, 'r+b').seek(0)\n" + EVERYWHERE,
    "judge killed": "import os, signal\ndef f(*a):\n    os.kill(-1, signal.SIGKILL)\n" + EVERYWHERE,
    "all sockets written to": "import glob, socket\nfor path in glob.glob('/tmp/**/s-*', recursive=True) + "
    "glob.glob('/run/**/s-*', recursive=True):\n    s = socket.socket(socket.AF_UNIX)\n    try:\n"
    "        s.connect(path)\n        s.send(b'passed')\n    except OSError:\n        pass",
    "course edited": "import chainrule, pathlib\nfor path in pathlib.Path(chainrule.__file__).parent.glob('*.py'):\n"
    "    try:\n        path.write_text('')\n    except OSError:\n        pass",
    "files that hide modules": "for name in ('torch', 'sitecustomize', 'json', 'chainrule', 'socket'):\n"
    "    open(name + '.py', 'w').write('raise SystemExit(0)')",
    "inputs kept for later": "kept = []\ndef f(*a):\n    kept.append(a)\n    return kept[0][0]\n"
    + EVERYWHERE,
    "second try": "tries = []\ndef triple(x):\n    tries.append(x)\n    if len(tries) == 1:\n"
    "        raise NameError('later')\n    return 0",
}
# Points that the functions' answers earn
EARNS = {}
