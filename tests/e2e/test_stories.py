"""Every story of the sandbox holds to the last figure: real bot, real HTTP, real files, real kills."""

import pytest

from bot.sandbox.stage import stage
from bot.sandbox.stories import STORIES


@pytest.mark.parametrize("name", STORIES)
async def test_the_story_holds(name: str) -> None:
    told: list[str] = []
    async with stage(told.append) as here:
        await STORIES[name](here)
    transcript = "\n".join(told)
    assert "✓ the audit finds nothing broken" in transcript
    if name == "partial":
        assert all(figure in transcript for figure in ("6,000", "10,000", "$4.00", "quantity=4000"))
