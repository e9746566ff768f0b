"""Exercises of chapter 1: what deep learning is, and what it has to beat."""
