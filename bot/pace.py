"""How fast messages may leave: a token each so many seconds, in all and for each chat (GCRA)."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Gcra:
    """One token each `interval` seconds; up to `burst` at once after a rest. Moments are seconds of one clock.

    A bucket refilled once a second lets twice its size through around the refill; this never does.
    """

    def __init__(self, interval: float, burst: int = 1) -> None:
        self._interval = interval
        self._slack = interval * (burst - 1)
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until a token may be taken, 0 for now."""
        return max(0.0, self._next - self._slack - now)

    def take(self, now: float) -> None:
        """Use a token."""
        self._next = max(self._next, now) + self._interval

    def hold(self, until: float) -> None:
        """No token before `until`."""
        self._next = max(self._next, until + self._slack)

    def rested(self, now: float) -> bool:
        """True when this is as good as new and may be forgotten."""
        return self._next <= now


class Gates(Generic[Name]):
    """A Gcra of its own for each id, made by `kind` when first used and forgotten when it has rested."""

    REMEMBERED = 10_000

    def __init__(self, kind: Callable[[Name], Gcra]) -> None:
        self._kind = kind
        self._gates: dict[Name, Gcra] = {}

    def wait(self, name: Name, now: float) -> float:
        """Seconds until `name` may take a token."""
        gate = self._gates.get(name)
        return gate.wait(now) if gate else 0.0

    def gate(self, name: Name, now: float) -> Gcra:
        """The one of `name`."""
        if name not in self._gates:
            if len(self._gates) >= self.REMEMBERED:
                self._gates = {each: gate for each, gate in self._gates.items() if not gate.rested(now)}
            self._gates[name] = self._kind(name)
        return self._gates[name]


class Pace:
    """Telegram's limits as the sender keeps them: 30 a second in all, 1 a second in a chat, 20 a minute in a group."""

    def __init__(self, clock: Callable[[], float], *, interval: float = 1 / 30) -> None:
        self._clock = clock
        self._overall = Gcra(interval)
        self._chats = Gates(_chat)

    def overall_wait(self) -> float:
        """Seconds until anything at all may leave."""
        return self._overall.wait(self._clock())

    def chat_wait(self, chat_id: int) -> float:
        """Seconds until this chat may get its next message."""
        return self._chats.wait(chat_id, self._clock())

    def take(self, chat_id: int) -> None:
        """A message leaves for the chat now."""
        now = self._clock()
        self._overall.take(now)
        self._chats.gate(chat_id, now).take(now)

    def hold_chat(self, chat_id: int, seconds: float) -> None:
        """Telegram asked for patience in this chat."""
        now = self._clock()
        self._chats.gate(chat_id, now).hold(now + seconds)

    def hold_all(self, seconds: float) -> None:
        """Nothing leaves for so long: the line itself is in trouble."""
        self._overall.hold(self._clock() + seconds)


def _chat(chat_id: int) -> Gcra:
    """A group has a negative id: 18 steady and 2 at once stay within 20 in any minute."""
    return Gcra(1.0, burst=3) if chat_id > 0 else Gcra(60 / 18, burst=2)
