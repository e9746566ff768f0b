"""nbgrader's settings. The repository root is the course folder; grades stay in gradebook/."""

from pathlib import Path

root = Path(__file__).resolve().parent

c = get_config()  # noqa: F821  (nbgrader provides it)
c.CourseDirectory.course_id = "chainrule"
c.CourseDirectory.root = str(root)
c.CourseDirectory.submitted_directory = "gradebook/submitted"
c.CourseDirectory.autograded_directory = "gradebook/autograded"
c.CourseDirectory.feedback_directory = "gradebook/feedback"
c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook' / 'gradebook.db'}"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.IncludeHeaderFooter.header = ""
c.Execute.timeout = 60  # seconds for a cell
c.Execute.extra_arguments = ["--IPKernelApp.log_level=CRITICAL"]
# Also for formgrader's own feedback button: nbgrader's page shows the tests and loads other hosts.
c.GenerateFeedback.preprocessors = ["autograder.grading.feedback.Page"]
c.GenerateFeedback.exporter_class = "autograder.grading.feedback.FeedbackExporter"
# Formgrader shows students' notebooks in the teacher's browser: without scripts, handlers, frames.
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
c.SanitizeHTML.strip = True
c.SanitizeHTML.sanitized_output_types = set()  # pictures and text stay, HTML goes
