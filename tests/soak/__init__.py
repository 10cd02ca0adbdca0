"""The crash harness: the real jobs killed at every point and at random, then compared with what the panels know."""
