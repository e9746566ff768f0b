"""python -m autograder VERB [NAME=value ...]: what the Makefile's verbs call."""

import importlib
import os
import sys

from autograder.course import Stop

# verb: (module with a function of the verb's name, the options it takes, what it does)
VERBS = {
    "book": ("autograder.site.build", ("SERVE",), "run all lessons, build the site and serve it"),
    "test": ("autograder.authoring.test", ("FAST",), "run everything that a commit must pass"),
    "lab": ("autograder.authoring.lab", (), "open the course in JupyterLab"),
    "release": ("autograder.authoring.release", ("N",), "write the student notebooks"),
    "grade": ("autograder.grading.run", ("SUBMISSIONS", "N"), "grade a folder or zip"),
    "new": ("autograder.authoring.new", ("N", "NAME"), "write the skeleton of a chapter"),
    "check": ("autograder.authoring.check", ("N",), "check one chapter quickly"),
    "mutate": ("autograder.authoring.mutate", ("N",), "break a lesson and see its asserts fail"),
    "bundle": ("autograder.authoring.bundle", ("N",), "zip what a class gets"),
    "fmt": ("autograder.authoring.fmt", (), "format code, notebooks and generated files"),
}


def usage():
    rows = [
        f"  {v:8} {' '.join(f'{o}=' for o in opts):14} {what}"
        for v, (_, opts, what) in VERBS.items()
    ]
    return "\n".join(["python -m autograder VERB [NAME=value ...]", *rows])


def main(arguments):
    if not arguments or arguments[0] not in VERBS:
        raise Stop(f"Which verb?\n{usage()}")
    verb, *rest = arguments
    module, options, _ = VERBS[verb]
    # `make check N=04` hands its variables over in the environment.
    given = {o: os.environ[o] for o in options if os.environ.get(o)}
    for text in rest:
        name, _, value = text.partition("=")
        if name not in options:
            raise Stop(f"{verb} does not know {text!r}.\n{usage()}")
        given[name] = value
    getattr(importlib.import_module(module), verb)(**{k.lower(): v for k, v in given.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
