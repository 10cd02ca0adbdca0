"""What an order carries beside its link and its quantity: texts, drip-feed, the terms of a subscription."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

BRIEF = 80
"""Characters of a text that a card may show."""


@dataclass(frozen=True, slots=True)
class Drip:
    """Delivered in `runs` equal runs (2 or more), one every `interval` minutes."""

    runs: int
    interval: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """Each new post gets `min` to `max`, `delay` minutes after it appeared; no post after `expiry` counts."""

    min: int
    max: int
    delay: int = 0
    expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """`texts` are the text parameters of the service's type, by their names on the wire; lists are lines."""

    texts: Mapping[str, str] = field(default_factory=dict)
    drip: Drip | None = None
    subscription: Subscription | None = None

    def lines(self, name: str) -> list[str]:
        """The lines of one text, none where it is not there."""
        return self.texts.get(name, "").splitlines()

    def brief(self) -> "Extras":
        """The same without its long texts: for a card that is written again each time something moves."""
        short = {name: text for name, text in self.texts.items() if len(text) <= BRIEF and "\n" not in text}
        return replace(self, texts=short)

    def to_document(self) -> dict[str, Any]:
        """The same as JSON can hold it; what is not there takes no room."""
        document: dict[str, Any] = {}
        if self.texts:
            document["texts"] = dict(self.texts)
        if self.drip:
            document["drip"] = {"runs": self.drip.runs, "interval": self.drip.interval}
        if self.subscription:
            terms = self.subscription
            document["subscription"] = {"min": terms.min, "max": terms.max, "delay": terms.delay}
            if terms.expiry:
                document["subscription"]["expiry"] = terms.expiry.isoformat()
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """What `to_document` wrote down."""
        drip, subscription = document.get("drip"), document.get("subscription")
        if subscription and (expiry := subscription.get("expiry")):
            subscription = {**subscription, "expiry": date.fromisoformat(expiry)}
        return cls(
            texts=document.get("texts", {}),
            drip=Drip(**drip) if drip else None,
            subscription=Subscription(**subscription) if subscription else None,
        )


PLAIN = Extras()
"""Nothing beside link and quantity."""
