"""The judge: tests run in one process, the student's code in another, and only data pass between.

wire.py     what a value looks like on the way: exact types, checked byte by byte
student.py  runs in the student's process; the judge relies on nothing that it says
court.py    runs in the judge's process: stand-ins for the student's objects, and the verdict
"""
