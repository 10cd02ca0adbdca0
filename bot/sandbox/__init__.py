"""The outside world in small: a local Bot API, simulated panels, a chat page."""
