"""The exercises of 00_skeleton."""
