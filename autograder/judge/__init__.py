"""The judge: tests run in one process, the student's code in another, and only data pass between.

wire.py     what a value looks like on the way: exact types, checked byte by byte
mirrors.py  leaves of which both sides keep a copy
student.py  runs in the student's process; the judge relies on nothing that it says
court.py    runs in the judge's process: asks the student's, through the stand-ins of stand_in.py
trial.py    runs a test there, and says how it ended
"""

UNREADABLE = "Your code's answer could not be read"  # what a message says of a forged one
