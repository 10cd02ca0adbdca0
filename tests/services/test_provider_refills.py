"""Refills at a panel, over real HTTP: asked for by one POST, followed a hundred at a time."""

from collections.abc import AsyncIterator

import pytest

from services.panel_answers import RowError
from services.panel_refills import Progress
from services.provider import UNMENTIONED, Ambiguous, BadKey, NothingSent, PanelClient, Refused, Unavailable
from tests.services.raw_panel import RawPanel, breaks_off, free_port, hangs_up, says, serving

KEY = "canary-key-5f3a/+ 1"
DONE = Progress("Completed", "done")


@pytest.fixture
async def panel() -> RawPanel:
    return RawPanel()


@pytest.fixture
async def client(panel: RawPanel) -> AsyncIterator[PanelClient]:
    async with serving(panel) as url:
        opened = PanelClient("north", url, KEY, deadline=10)
        yield opened
        await opened.close()


async def test_a_refill_is_asked_for_by_one_post(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"refill": "12"}
    assert await client.refill("7") == "12"
    assert panel.heard == [{"key": KEY, "action": "refill", "order": "7"}]


async def test_a_plain_no_is_told_with_its_reason(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"error": "Refill will be available in 9 hours 3 minutes"}
    with pytest.raises(Refused) as refused:
        await client.refill("7")
    assert (refused.value.reason, refused.value.text) == ("too_early", "Refill will be available in 9 hours 3 minutes")
    panel.answer = lambda form: {"error": "Invalid API key"}
    with pytest.raises(BadKey):
        await client.refill("7")
    with pytest.raises(BadKey):
        await client.refill_statuses(["1"])
    with pytest.raises(BadKey):
        await client.refill_statuses(["1", "2"])


@pytest.mark.parametrize(
    "said",
    [
        hangs_up,
        breaks_off,
        says("<html>", 502),
        says({"refill": "1"}, 500),
        {"refill": 0},
        {"refill": 1, "error": "no"},
    ],
)
async def test_whatever_else_is_ambiguous_and_asked_once(panel: RawPanel, client: PanelClient, said: object) -> None:
    panel.answer = lambda form: said
    with pytest.raises(Ambiguous):
        await client.refill("7")
    assert len(panel.heard) == 1


async def test_where_there_is_no_connection_nothing_was_sent() -> None:
    client = PanelClient("north", f"http://127.0.0.1:{free_port()}/api/v2", KEY, deadline=5)
    with pytest.raises(NothingSent):
        await client.refill("7")
    await client.close()


async def test_refills_are_followed_a_hundred_to_a_request(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: (
        [{"refill": int(each), "status": "Completed"} for each in form["refills"].split(",") if each != "3"]
        if "refills" in form
        else {"status": "Pending"}
    )
    ids = [str(number) for number in range(1, 202)]
    told = await client.refill_statuses(ids)
    assert told == dict.fromkeys(ids, DONE) | {"3": UNMENTIONED, "201": Progress("Pending", "running")}
    assert sorted(len(form.get("refills", "1").split(",")) for form in panel.heard) == [1, 100, 100]


async def test_a_panel_that_overlooks_refills_is_asked_one_by_one(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: (
        {"error": "Incorrect refill ID"}
        if "refills" in form
        else {"status": {"1": "Completed", "2": "Rejected"}[form["refill"]]}
    )
    assert await client.refill_statuses(["1", "2"]) == {"1": DONE, "2": Progress("Rejected", "rejected")}


async def test_an_error_about_anything_else_is_no_answer(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"error": "Too many requests"}
    with pytest.raises(Refused):
        await client.refill_statuses(["1", "2"])
    assert len(panel.heard) == 1
    assert await client.refill_statuses(["1"]) == {"1": RowError("Too many requests")}
    panel.answer = lambda form: says("<html>", 502)
    with pytest.raises(Unavailable):
        await client.refill_statuses(["1"])
