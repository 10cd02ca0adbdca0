"""The likely cause of a stop, weighed: what was seen before what is concluded, and honest where nothing is known."""

import pytest

from services.causes import OVERLOADED, UNCLEAR, Cause, Evidence, weigh

EVERYTHING = {"stops_on_service": 9, "stopped_elsewhere": True, "trouble": True, "pace": 0.01}
CASES: dict[str, tuple[Evidence, Cause]] = {
    "nothing": (Evidence(), UNCLEAR),
    "private": (Evidence("private", **EVERYTHING), Cause("target_private", sure=True)),  # type: ignore[arg-type]
    "gone": (Evidence("gone", **EVERYTHING), Cause("target_gone", sure=True)),  # type: ignore[arg-type]
    "renamed": (Evidence("renamed", **EVERYTHING), Cause("target_renamed", sure=True)),  # type: ignore[arg-type]
    "there": (Evidence("there"), Cause("not_the_link")),
    "elsewhere": (Evidence(stopped_elsewhere=True, stops_on_service=9), Cause("target")),
    "elsewhere-and-there": (Evidence("there", stopped_elsewhere=True, trouble=True), Cause("limits")),
    "others": (Evidence("there", stops_on_service=OVERLOADED, trouble=True), Cause("overloaded")),
    "one-other": (Evidence(stops_on_service=OVERLOADED - 1), UNCLEAR),
    "errors": (Evidence("there", trouble=True, pace=0.1), Cause("provider_trouble")),
    "held-back": (Evidence("there", pace=0.24), Cause("limits")),
    "a-little-slow": (Evidence(pace=0.25), UNCLEAR),
    "fast": (Evidence("there", pace=4.0), Cause("not_the_link")),
}


@pytest.mark.parametrize(("known", "cause"), CASES.values(), ids=CASES)
def test_the_likely_cause(known: Evidence, cause: Cause) -> None:
    assert weigh(known) == cause
