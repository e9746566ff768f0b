"""What a run says about a submission: plain data, written by the engine and read by the reports.

`message` may quote what the student's code returned: it is text, to be escaped like all of theirs.
"""

from dataclasses import asdict, dataclass

STATUSES = ("passed", "partial", "failed", "timed out", "killed", "not run")


@dataclass(frozen=True)
class Verdict:
    """The judge's word on one graded test cell; anything but its word gives no points."""

    grade_id: str
    points: float  # awarded
    of: float  # at most
    status: str  # one of STATUSES
    message: str = ""  # for the student, in plain words, at most 1000 characters; "" if passed
    diagnosis: str = (
        ""  # the known mistake, such as "ch04_first_neural_network.activation:exchanged"
    )
    seconds: float = 0.0  # CPU-seconds of student and judge, and seconds in which both slept


@dataclass(frozen=True)
class Outcome:
    """One submission's run. With a `reason` nothing could be run, and there are no verdicts."""

    verdicts: tuple = ()  # Verdict of every automatic test, in the order of the source
    caps: tuple = ()  # (cap, how it was held or why it was not), such as ("memory", "4096 MiB ...")
    flags: tuple = ()  # sentences for the instructor; they never change a score
    unsafe: bool = False  # the student's code ran with the rights of the person who grades
    seconds: float = 0.0  # of the whole submission, counted as in a Verdict
    reason: str = ""
    key: str = ""  # of the work that this is the result of; "" where it must not be kept

    @property
    def points(self):
        return sum(verdict.points for verdict in self.verdicts)

    def to_json(self):
        """Return the outcome as JSON data; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data):
        verdicts = tuple(Verdict(**one) for one in data["verdicts"])
        caps = tuple(tuple(cap) for cap in data["caps"])
        return cls(**data | {"verdicts": verdicts, "caps": caps, "flags": tuple(data["flags"])})
