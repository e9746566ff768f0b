"""Run a lesson's cells, read as JSON from stdin, as one plain script; say where it ended.

Pictures are not drawn: what is asked is whether the lesson's asserts hold.
"""

import contextlib
import io
import json
import sys
import warnings

import matplotlib.pyplot as plt

import chainrule
from chainrule import plots, sliders


def main():
    plots.show = lambda alt: plt.close("all")
    chainrule.explore = sliders.explore = lambda draw, **values: None
    space = {"__name__": "__main__", "display": lambda *things: None}
    ended = {"cell": None, "error": None, "assertion": False}
    warnings.simplefilter("ignore")  # wrong code may warn of overflow before it is caught
    with contextlib.redirect_stdout(io.StringIO()):
        for cell, source in json.load(sys.stdin):
            try:
                exec(compile(source, f"<cell {cell}>", "exec"), space)
            except Exception as error:
                first = (str(error).splitlines() or [""])[0]
                text = f"{type(error).__name__} {first}".strip()[:100]
                is_assertion = isinstance(error, AssertionError)
                ended = {"cell": cell, "error": text, "assertion": is_assertion}
                break
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
