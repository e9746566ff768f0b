"""The one place that runs submissions: here stock `nbgrader autograde`.

Stock nbgrader runs student code with the rights of the person who grades, in one kernel with the
tests. What is around it (taking in, canaries, table, feedback) knows only `execute`.
"""

import secrets

from nbgrader.converters import Autograde

from autograder.grading.converters import convert, settings

REASONS = {
    "DeadKernelError": "the Python process ended while it ran (an exit, a crash or no memory left)",
    "nbgrader.preprocessors.execute.UnresponsiveKernelError": "a cell could not be interrupted",
}


def execute(root, slug, students, seed):
    """Grade root/gradebook/submitted/<student>/<slug>; yield (student, "" or why it failed).

    Leaves the run notebooks in root/gradebook/autograded and the points in root's gradebook.db.
    `seed` is the seed of the hidden inputs.
    """
    config = settings(root)
    # A cell with this tag is not run, and nbgrader gives a test that was not run full points.
    config.Execute.skip_cells_with_tag = secrets.token_hex()
    for student in students:
        problem = convert(
            Autograde,
            config,
            slug,
            student,
            CHAINRULE_SEED=str(seed),
            OMP_NUM_THREADS="1",
            OMP_WAIT_POLICY="PASSIVE",
        )
        name, _, detail = problem.partition(":")
        known = next((text for kind, text in REASONS.items() if name.endswith(kind)), "")
        yield student, known or (problem and f"nbgrader could not run it ({name}:{detail:.200})")
