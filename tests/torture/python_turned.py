"""Attacks that turn Python, Jupyter or the computer against the grader."""

from forged_answers import EVERYWHERE

TURNED = {
    # Python and Jupyter turned round
    "import hook": """
import sys
class H:
    def find_spec(self, name, *a):
        if 'autograder' in name:
            raise ImportError('passed')
sys.meta_path.insert(0, H())
""",
    "modules replaced": """
import sys, types
for name in ('torch', 'numpy', 'chainrule.check', 'json'):
    sys.modules[name] = types.ModuleType(name)
""",
    "trace function": """
import sys
sys.settrace(lambda frame, *a: frame.f_locals.update(passed=True))
""",
    "exit handler": """
import atexit, os
atexit.register(lambda: print('passed'))
os.kill(os.getpid(), 15)
""",
    "sockets rewritten": """
import socket
socket.socket.sendall = lambda *a: None
""",
    "json rewritten": """
import json
json.dumps = lambda *a, **k: '[["value", [], [], [], [], true], []]'
""",
    "names of the test": """
unseen = print
expected = got = x = y = True
_judge = _trial = None
check = torch = math = __builtins__ = None
""",
    "namespace replaced": """
class N(dict):
    def __getitem__(self, name):
        return lambda *a, **k: True
import sys
sys.modules['_line'].names = N()
""",
    "child serves on": """
import os, time
if os.fork():
    time.sleep(0.5)
    os._exit(0)
""",
    "hidden checks imported": """
def f(*a):
    from autograder.exercises.ch04_first_neural_network import activation
    return activation.reference(*a)
activation = f
""",
    "seed taken": """
import os
def f(*a):
    return float(os.environ['CHAINRULE_SEED'])
""" + EVERYWHERE,
    "seed searched": """
import glob
def f(*a):
    for path in glob.glob('/proc/*/environ'):
        text = open(path).read()
        if 'CHAINRULE_SEED' in text:
            return float(text.partition('CHAINRULE_SEED=')[2].partition(chr(0))[0])
""" + EVERYWHERE,
    "tests searched": """
import gc
def f(*a):
    for o in gc.get_objects():
        if isinstance(o, str) and 'assert softmax' in o:
            exec(o)
""" + EVERYWHERE,
    "judge's memory": """
import glob
def f(*a):
    for path in glob.glob('/proc/[0-9]*/mem'):
        open(path, 'r+b').seek(0)
""" + EVERYWHERE,
    "judge killed": """
import os, signal
def f(*a):
    os.kill(-1, signal.SIGKILL)
""" + EVERYWHERE,
    "all sockets written to": """
import glob, socket
for path in glob.glob('/tmp/**/s-*', recursive=True) + glob.glob('/run/**/s-*', recursive=True):
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(path)
        s.send(b'passed')
    except OSError:
        pass
""",
    "course edited": """
import chainrule, pathlib
for path in pathlib.Path(chainrule.__file__).parent.glob('*.py'):
    try:
        path.write_text('')
    except OSError:
        pass
""",
    "files that hide modules": """
for name in ('torch', 'sitecustomize', 'json', 'chainrule', 'socket'):
    open(name + '.py', 'w').write('raise SystemExit(0)')
""",
    "inputs kept for later": """
kept = []
def f(*a):
    kept.append(a)
    return kept[0][0]
""" + EVERYWHERE,
    "second try": """
tries = []
def triple(x):
    tries.append(x)
    if len(tries) == 1:
        raise NameError('later')
    return 0
""",
}  # fmt: skip
