"""Dice that fall the same way again: whatever is random here can be repeated from its name."""

import random


def dice(*name: object) -> random.Random:
    """Dice of this name's own."""
    return random.Random("/".join(map(str, name)))  # noqa: S311 - to be repeatable, not secret
