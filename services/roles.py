"""Who may do how much: the four roles of the people who run the shop, each with the rights of those before it."""

from enum import IntEnum


class Role(IntEnum):
    """A reader looks; support helps with orders and people; a manager moves money and prices; an owner names others."""

    READER = 1
    SUPPORT = 2
    MANAGER = 3
    OWNER = 4

    @property
    def word(self) -> str:
        """As it is written down and typed."""
        return self.name.lower()


WORDS = tuple(role.word for role in Role)


def role(word: str | None) -> Role | None:
    """The role with this word, None where there is none."""
    return Role[word.upper()] if word in WORDS else None
