"""What the soak says of itself: nothing counts as done that is not, and nothing broken ends well."""

from tests.soak.__main__ import missing, table
from tests.soak.progress import KILLS_GOAL, ORDERS_GOAL, Engine, Progress, Story
from tests.soak.stories import STORIES


def _told(points: int = 10) -> Engine:
    return Engine(stories={name: Story(points) for name in STORIES})


def test_stories_that_nobody_has_touched_count_as_points_to_be_tried() -> None:
    engine = _told()
    engine.story(next(iter(STORIES))).next = 12
    progress = Progress("code", {"sqlite": engine})
    assert f"10 of {10 * len(STORIES):,}" in table(progress)
    assert f"every kill point on sqlite: 10 of {10 * len(STORIES):,} tried" in missing(progress)


def test_of_stories_nobody_has_looked_at_the_total_is_not_known() -> None:
    engine = _told()
    engine.stories.popitem()
    assert "0 of ?" in table(Progress("code", {"sqlite": engine}))


def test_a_story_is_over_when_the_point_after_its_last_was_tried_too() -> None:
    assert not Story(10, next=11).over
    assert Story(10, next=12).over


def test_goals_that_are_not_reached_are_said_plainly_and_others_are_not() -> None:
    engine = Engine({name: Story(10, next=12) for name in STORIES}, {"killed": KILLS_GOAL}, orders=ORDERS_GOAL)
    progress = Progress("code", {"sqlite": engine})
    assert missing(progress) == []
    assert "every goal is reached" in table(progress)
    engine.deaths["killed"] -= 1
    engine.orders -= 1
    assert missing(progress) == ["10,000 random kills: 9,999", "100,000 simulated orders on sqlite: 99,999"]
    assert "NOT YET REACHED" in table(progress)


def test_whatever_is_lost_doubled_or_broken_is_no_good_end() -> None:
    assert Progress("code").clean
    for harm in ({"double_orders": 1}, {"micros_astray": 1}, {"broken": ["a law"]}):
        assert not Progress("code", **harm).clean
