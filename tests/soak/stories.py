"""The short stories that are killed at every point: ways through buying, placing, delivery, money and messages."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.soak.databases import CUSTOMERS
from tests.soak.people import People

ROOT = "https://www.instagram.com/p"
QUANTITY = 1000
"""For $1.00 on the service that all stories begin with."""


@dataclass(frozen=True)
class Story:
    """One customer orders under the panel's `word`; `ends` are the orders' (status, refund) when nobody dies."""

    word: str
    ends: tuple[tuple[str, str], ...]
    rest: int = 0
    undo: float = 0

    def begin(self, people: People, service: int) -> None:
        """The customer comes in."""
        people.want(
            user=CUSTOMERS[0],
            service=service,
            link=f"{ROOT}/1/{self.word}",
            quantity=QUANTITY,
            rest=self.rest,
            undo=self.undo,
            regrets=bool(self.undo),
        )


STORIES: Mapping[str, Story] = {
    "partial, the rest elsewhere": Story("partial-60", (("partial", "0.40"), ("completed", "0.00")), rest=1),
    "canceled half-way": Story("cancel", (("canceled", "0.60"),)),
    "accepted, answer too late": Story("timeout-then-accept", (("rejected", "1.00"),)),
    "refused": Story("reject", (("rejected", "1.00"),)),
    "completed, then partial": Story("completed-then-partial", (("partial", "0.40"),)),
    "taken back": Story("complete", (("canceled", "1.00"),), undo=5),
}
