"""python -m autograder VERB [NAME=value ...]: what the Makefile's verbs call."""

import importlib
import inspect
import sys

if sys.version_info < (3, 11):  # before anything is imported that an older Python cannot read
    version = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.exit("✗ Chainrule needs Python 3.11 or newer, and this is " + version + ": install it.")

from autograder.course import Stop

# verb: (module with a function of the verb's name, the options it takes, what it does)
VERBS = {
    "book": ("autograder.site.build", ("SERVE",), "run all lessons, build the site and serve it"),
    "test": ("autograder.authoring.test", (), "run everything that a commit must pass"),
    "lab": ("autograder.authoring.lab", (), "open the course in JupyterLab"),
    "release": ("autograder.authoring.release", ("N",), "write the student notebooks"),
    "grade": (
        "autograder.grading.verbs",
        ("SUBMISSIONS", "N", "REGRADE", "DEMO", "UNSAFE", "WORKERS", "SCHEDULER"),
        "grade a folder or zip",
    ),
    "submit": (
        "autograder.grading.verbs",
        ("FILE", "N", "STUDENT", "UNSAFE"),
        "grade one notebook at once",
    ),
    "torture": ("autograder.authoring.torture", (), "try all attacks on the grader (long)"),
    "speed": (
        "autograder.authoring.speed",
        ("COURSE",),
        "measure grading beside stock nbgrader (long)",
    ),
    "new": ("autograder.authoring.new", ("N", "NAME"), "write the skeleton of a chapter"),
    "check": ("autograder.authoring.check", ("N",), "check one chapter quickly"),
    "mutate": ("autograder.authoring.mutate", ("N",), "break a lesson and see its asserts fail"),
    "figures": ("autograder.authoring.figures", ("N",), "make the records of long runs again"),
    "bundle": ("autograder.authoring.bundle", ("N",), "zip what a class gets"),
    "fmt": ("autograder.authoring.fmt", (), "format code, notebooks and generated files"),
}
EXAMPLES = {
    "N": "04",
    "NAME": "optimization",
    "SUBMISSIONS": "gradebook/inbox",
    "FILE": "downloads/Anna.ipynb",
    "STUDENT": "Anna",
    "COURSE": "make_course.py",
    "SERVE": "0",
    "UNSAFE": "1",
    "REGRADE": "1",
    "DEMO": "1",
    "WORKERS": "4",
    "SCHEDULER": "tcp://10.0.0.1:8786",
}


def usage():
    rows = [
        f"  {v:8} {' '.join(f'{o}=' for o in opts):15} {what}"
        for v, (_, opts, what) in VERBS.items()
    ]
    return "\n".join(["make VERB [NAME=value ...]     (or: python -m autograder VERB ...)", *rows])


def options(verb, arguments):
    """Return {name: value} of arguments such as "N=04"; stop at one that the verb does not take."""
    known, given = VERBS[verb][1], {}
    for text in arguments:
        name, equals, value = text.partition("=")
        if "FILE" in known and name not in known:  # submit FILE
            name, equals, value = "FILE", "=", text
        if name not in known or not equals:
            takes = " and ".join(f"{o}=" for o in known) or "no options"
            raise Stop(f"{verb} does not know {text!r}; it takes {takes}.")
        if value:
            given[name] = value
    return given


def load(module):
    """Import a verb's module; say how to set up where the environment is not there."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "autograder").startswith(("autograder", "chainrule.")):
            raise
        raise Stop(
            f"The package {error.name!r} is not installed in {sys.executable}: run make setup "
            "(Windows: the commands in README.md)."
        ) from None


def main(arguments):
    if not arguments:
        print(usage())
        return
    verb, *rest = arguments
    if verb not in VERBS:
        raise Stop(f"There is no verb {verb!r}. The verbs are:\n{usage()}")
    given = options(verb, rest)
    function = getattr(load(VERBS[verb][0]), verb)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty and name.upper() not in given:
            example = " ".join(f"{o}={given.get(o, EXAMPLES[o])}" for o in VERBS[verb][1])
            raise Stop(f"{verb} needs {name.upper()}=, for example: make {verb} {example}")
    function(**{name.lower(): value for name, value in given.items()})


if __name__ == "__main__":
    main(sys.argv[1:])
