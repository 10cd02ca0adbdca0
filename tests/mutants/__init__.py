"""The design, broken on purpose in one place at a time: for each break there is a test that fails."""
