"""The instructor's rules for attempts and late work: gradebook/grading.yml.

    attempts: best              # the attempt that counts: best, last or first
    late: 10                    # percent off the points for each day begun after the due time
    due:
      04_first_neural_network: 2026-10-14 23:59
    extensions:
      Ng_Ana_12345:
        04_first_neural_network: 2026-10-20 23:59
    times:                      # where the file's own time is not when it was handed in
      Ng_Ana_12345:
        04_first_neural_network: 2026-10-14 18:05

Every line may be left out. Times are those of the computer that grades.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime, time

import yaml

from autograder.course import Stop, read_yaml
from autograder.grading import gradebook

ATTEMPTS = ("last", "best", "first")
DAY = 24 * 60 * 60
GRACE = 60  # seconds: "due at 23:59" means the whole minute


@dataclass(frozen=True)
class Policy:
    """The rules of one assignment; times in seconds."""

    attempts: str = ATTEMPTS[0]
    late: float = 0.0
    due: float | None = None
    extensions: dict = field(default_factory=dict)
    times: dict = field(default_factory=dict)

    def days_late(self, student, when):
        """Days begun after the student's due time, 0 where no due time or no time is known."""
        due = self.extensions.get(student, self.due)
        if due is None or when is None:
            return 0
        return max(0, math.ceil((when - due - GRACE) / DAY))

    def penalty(self, student, when):
        """Percent of the points that a late submission loses."""
        return min(100.0, self.late * self.days_late(student, when))


def read(slug):
    """Return the Policy of an assignment; a rule that cannot be one raises Stop."""
    path = gradebook.folder() / "grading.yml"
    if not path.exists():
        return Policy()
    try:
        rules = read_yaml(path) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise wrong(f"it is not YAML ({' '.join(str(error).split())})") from None
    known = {"attempts", "late", "due", "extensions", "times"}
    if not isinstance(rules, dict) or set(rules) - known:
        odd = ", ".join(map(str, sorted(set(rules) - known))) if isinstance(rules, dict) else rules
        raise wrong(f"{odd} is no rule; the rules are {', '.join(sorted(known))}")
    if rules.get("attempts", ATTEMPTS[0]) not in ATTEMPTS:
        raise wrong(f"attempts is {rules['attempts']!r}, not {', '.join(ATTEMPTS)}")
    late = rules.get("late", 0)
    if isinstance(late, bool) or not isinstance(late, (int, float)) or not 0 <= late <= 100:
        raise wrong(f"late is {late!r}, not a number of percent from 0 to 100")
    return Policy(
        rules.get("attempts", ATTEMPTS[0]),
        late,
        times_in("due", rules.get("due")).get(slug),
        times_of("extensions", rules.get("extensions"), slug),
        times_of("times", rules.get("times"), slug),
    )


def times_of(rule, table, slug):
    """{student: seconds} of a rule that names students."""
    rows = {str(k): times_in(f"{rule} of {k}", v) for k, v in table_in(rule, table).items()}
    return {student: row[slug] for student, row in rows.items() if slug in row}


def times_in(rule, table):
    return {str(k): seconds(f"{rule}, {k}", v) for k, v in table_in(rule, table).items()}


def table_in(rule, table):
    if not isinstance(table or {}, dict):
        raise wrong(f"{rule} is {table!r}; write one name and its time on each line below it")
    return table or {}


def seconds(rule, value):
    """A time of the file in seconds: a date alone lasts until its end."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise wrong(f"{rule} is {value!r}, not a time such as 2026-10-14 23:59") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59))
    if not isinstance(value, datetime):
        raise wrong(f"{rule} is {value!r}, not a time such as 2026-10-14 23:59")
    return value.timestamp()


def wrong(what):
    return Stop(f"gradebook/grading.yml: {what}. Nothing was graded.")
