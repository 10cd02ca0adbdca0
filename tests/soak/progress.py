"""How far the soak has come, kept in a file, so that the next run goes on where this one ended."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.soak.laws import Verdict

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".soak"
JUDGED = ("services", "handlers", "bot", "tests/soak")
"""The code that figures are found with."""
KILLS_GOAL, ORDERS_GOAL = 10_000, 100_000


@dataclass
class Story:
    """A story's points: how many it has (0: nobody has looked yet), and before which every one was tried."""

    points: int = 0
    next: int = 1

    @property
    def tried(self) -> int:
        """How many points were tried."""
        return min(self.next - 1, self.points)

    @property
    def over(self) -> bool:
        """Whether every point was tried, and one more that met nobody."""
        return bool(self.points) and self.next > self.points + 1


@dataclass
class Engine:
    """What was done on one engine. `deaths` by kind: killed, stopped, cut off, ...; `rounds` and `storms` are seeds."""

    stories: dict[str, Story] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    rounds: int = 0
    storms: int = 0
    orders: int = 0
    borne: int = 0

    @property
    def killed(self) -> int:
        """Random kills; those of the kill points are counted with their stories."""
        return self.deaths.get("killed", 0)

    def story(self, name: str) -> Story:
        """How far this story is."""
        return self.stories.setdefault(name, Story())


@dataclass
class Progress:
    """Everything so far; figures count only for the code that they were found with."""

    code: str
    engines: dict[str, Engine] = field(default_factory=dict)
    seconds: float = 0.0
    double_orders: int = 0
    micros_astray: int = 0
    broken: list[str] = field(default_factory=list)

    def count(self, engine: str, where: str, verdict: Verdict) -> None:
        """Count a verdict in; `where` says how to find it again."""
        self.double_orders += verdict.double_orders
        self.micros_astray += verdict.micros_astray
        self.broken += [f"{engine}, {where}: {broken}" for broken in verdict.broken]
        self.engines[engine].orders += verdict.orders
        self.engines[engine].borne += verdict.borne

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or broken."""
        return not (self.double_orders or self.micros_astray or self.broken)

    @property
    def killed(self) -> int:
        """Random kills on all engines together."""
        return sum(engine.killed for engine in self.engines.values())

    def save(self) -> None:
        """Write it down, whole or not at all."""
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / "progress.json"
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        fresh.replace(file)


def fingerprint() -> str:
    """What the code under test is, in twelve letters."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in JUDGED for path in (ROOT / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def resumed(engines: Iterable[str]) -> Progress:
    """The progress so far of this very code; a new one where there is none."""
    file, code = FOLDER / "progress.json", fingerprint()
    progress = Progress(code)
    if file.exists() and (kept := json.loads(file.read_text(encoding="utf-8")))["code"] == code:
        progress = Progress(**kept | {"engines": {name: _engine(one) for name, one in kept["engines"].items()}})
    for name in engines:
        progress.engines.setdefault(name, Engine())
    return progress


def _engine(kept: dict[str, object]) -> Engine:
    engine = Engine(**kept)  # type: ignore[arg-type]
    engine.stories = {name: Story(**story) for name, story in engine.stories.items()}  # type: ignore[arg-type]
    return engine
