"""The exercises of 09_evaluation."""
