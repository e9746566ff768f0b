"""Exercises of chapter 08, generalization."""
