"""Exercises of chapter 2, and what several of them need."""

import math

LN2, LN3, LN5 = math.log(2), math.log(3), math.log(5)
