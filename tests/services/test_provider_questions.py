"""Questions to a panel: many at once, some unanswered, none asked twice, over real HTTP."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from services.panel_answers import Accepted, PanelBalance, RowError, Snapshot
from services.provider import BadKey, PanelClient, Refused, Unavailable
from tests.services.raw_panel import Form, RawPanel, hangs_up, says, serving

KEY = "canary-key-5f3a/+ 1"
HTML = "<!DOCTYPE html><html><body>Just a moment</body></html>"
ROW = {"charge": "0.27819", "start_count": "3572", "status": "Partial", "remains": "157", "currency": "USD"}
PARTIAL = Snapshot("Partial", "partial", True, 157, 3572, "0.27819")
SERVICE = {"service": 1, "name": "Likes", "category": "First", "rate": "0.90", "min": "50", "max": "100"}


@pytest.fixture
async def panel() -> RawPanel:
    return RawPanel()


@pytest.fixture
async def url(panel: RawPanel) -> AsyncIterator[str]:
    async with serving(panel) as address:
        yield address


@pytest.fixture
async def client(url: str) -> AsyncIterator[PanelClient]:
    client = PanelClient("north", url, KEY, deadline=10, body_cap=256 * 1024)
    yield client
    await client.close()


def rows(form: Form) -> object:
    """A panel that knows every order and takes batches."""
    if "orders" in form:
        return dict.fromkeys(form["orders"].split(","), ROW)
    return ROW


async def test_a_hundred_orders_to_a_request_all_at_once(panel: RawPanel, client: PanelClient) -> None:
    together = asyncio.Barrier(3)

    def answer(form: Form) -> object:
        async def manner(writer: asyncio.StreamWriter) -> None:
            await together.wait()
            await says(rows(form))(writer)

        return manner

    panel.answer = answer
    ids = [str(number) for number in range(1, 251)]
    answers = await client.statuses([*ids, *ids[:5]])
    assert answers == dict.fromkeys(ids, PARTIAL)
    assert sorted(len(form["orders"].split(",")) for form in panel.heard) == [50, 100, 100]


async def test_no_more_requests_are_in_flight_than_allowed(panel: RawPanel, url: str) -> None:
    def answer(form: Form) -> object:
        async def manner(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.002)
            await says(rows(form))(writer)

        return manner

    panel.answer = answer
    client = PanelClient("north", url, KEY, deadline=10, concurrency=2, batches=False)
    ids = [str(number) for number in range(20)]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(client.statuses(ids)) for _ in range(2)]
    await client.close()
    assert [len(task.result()) for task in asked] == [20, 20]
    assert panel.most_in_flight == 2
    assert panel.connections == 2


async def test_nothing_asked_nothing_sent(panel: RawPanel, client: PanelClient) -> None:
    assert await client.statuses([]) == {}
    assert await client.cancel([]) == {}
    assert panel.heard == []


async def test_a_bad_row_spoils_no_other(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"1": ROW, "2": {"error": "Incorrect order ID"}, "3": HTML, "4": None, "9": ROW}
    assert await client.statuses(["1", "2", "3", "4", "5"]) == {
        "1": PARTIAL,
        "2": RowError("Incorrect order ID"),
        "3": RowError("Just a moment"),
        "4": RowError("not a status"),
        "5": RowError("no row"),
    }


@pytest.mark.parametrize("how", ["html", "502", "drop", "rate limit"])
async def test_a_request_that_fails_leaves_its_orders_out_and_no_others(
    how: str, panel: RawPanel, client: PanelClient
) -> None:
    bad = {"html": HTML, "502": says({}, 502), "drop": hangs_up, "rate limit": says({"error": "Slow down"}, 429)}[how]
    panel.answer = lambda form: bad if form["orders"].startswith("0,") else rows(form)
    ids = [str(number) for number in range(200)]
    assert await client.statuses(ids) == dict.fromkeys(ids[100:], PARTIAL)


@pytest.mark.parametrize("bad", [HTML, "", says(ROW, 404), says({"1": ROW}, 302), says({"1": ROW}, 500), hangs_up])
async def test_where_every_request_fails_the_panel_is_unavailable(
    bad: object, panel: RawPanel, client: PanelClient
) -> None:
    panel.answer = lambda form: bad
    with pytest.raises(Unavailable):
        await client.statuses(["1"])
    with pytest.raises(Unavailable):
        await client.statuses([str(number) for number in range(150)])
    with pytest.raises(Unavailable):
        await client.services()


async def test_a_panel_that_wants_to_be_asked_less_is_unavailable(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"error": "Too many requests"}
    with pytest.raises(Unavailable, match="Too many requests"):
        await client.statuses(["1", "2"])
    assert len(panel.heard) == 1
    assert client.batches


@pytest.mark.parametrize("status", [200, 401])
async def test_a_bad_key_is_raised_even_where_other_requests_were_answered(
    status: int, panel: RawPanel, client: PanelClient
) -> None:
    refused = says({"error": "Invalid API key"}, status)
    panel.answer = lambda form: refused if "150" in form.get("orders", "150").split(",") else rows(form)
    with pytest.raises(BadKey):
        await client.statuses([str(number) for number in range(200)])
    with pytest.raises(BadKey):
        await client.statuses(["1"])
    with pytest.raises(BadKey):
        await client.balance()


async def test_a_panel_that_is_down_is_not_waited_for_order_by_order(panel: RawPanel, url: str) -> None:
    panel.answer = lambda form: panel.hang
    client = PanelClient("north", url, KEY, deadline=0.05, concurrency=2, batches=False)
    with pytest.raises(Unavailable):
        await client.statuses([str(number) for number in range(1000)])
    await client.close()
    assert len(panel.heard) <= 4


async def test_one_order_is_asked_about_singly(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: ROW if form["order"] == "7" else {"error": "Incorrect order ID"}
    assert await client.statuses(["7"]) == {"7": PARTIAL}
    assert await client.statuses(["8"]) == {"8": RowError("Incorrect order ID")}
    assert [(form.get("order"), form.get("orders")) for form in panel.heard] == [("7", None), ("8", None)]
    assert client.batches


async def test_an_order_that_an_answer_leaves_out_was_asked_about_in_vain(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: []
    assert await client.statuses(["7"]) == {"7": RowError("no row")}
    assert await client.statuses(["7", "8"]) == dict.fromkeys(["7", "8"], RowError("no row"))
    assert client.batches


@pytest.mark.parametrize("instead", [ROW, {"error": "Incorrect order ID"}])
async def test_a_panel_that_overlooks_orders_is_asked_one_by_one_and_remembered(
    instead: object, panel: RawPanel, client: PanelClient
) -> None:
    unknown = {"error": "Unknown"}
    panel.answer = lambda form: instead if "orders" in form else unknown if form["order"] == "0" else ROW
    ids = [str(number) for number in range(120)]
    expected: dict[str, Snapshot | RowError] = {**dict.fromkeys(ids, PARTIAL), "0": RowError("Unknown")}
    assert await client.statuses(ids) == expected
    assert not client.batches
    del panel.heard[:]
    await client.statuses(ids[:3])
    assert sorted(form.get("order") or "" for form in panel.heard) == ["0", "1", "2"]


async def test_an_error_about_unknown_orders_alone_does_not_forget_batches(
    panel: RawPanel, client: PanelClient
) -> None:
    panel.answer = lambda form: {"error": "Incorrect order ID"}
    answers = await client.statuses([str(number) for number in range(100)])
    assert set(answers.values()) == {RowError("Incorrect order ID"), RowError("no row")}
    assert len(answers) == 100
    assert client.batches
    assert len(panel.heard) == 4


async def test_what_was_found_out_about_batches_can_be_handed_in_again(panel: RawPanel, url: str) -> None:
    panel.answer = rows
    client = PanelClient("north", url, KEY, deadline=10, batches=False)
    assert len(await client.statuses(["1", "2"])) == 2
    await client.close()
    assert sorted(form["order"] for form in panel.heard) == ["1", "2"]


async def test_the_balance_is_told_in_the_panels_currency(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"balance": "100.84292", "currency": "USD"}
    assert await client.balance() == PanelBalance(Decimal("100.84292"), "USD")
    assert panel.heard == [{"key": KEY, "action": "balance"}]
    panel.answer = lambda form: {"error": "Account suspended"}
    with pytest.raises(Refused, match="other: Account suspended"):
        await client.balance()
    panel.answer = lambda form: {"status": "success"}
    with pytest.raises(Unavailable, match=r'HTTP 200: \{"status": "success"\}'):
        await client.balance()


async def test_a_catalogue_is_read_plain_or_packed_and_large(panel: RawPanel, client: PanelClient) -> None:
    catalogue = [{**SERVICE, "service": number} for number in range(1, 2001)]
    panel.answer = lambda form: catalogue
    assert [service.external_id for service in await client.services()] == [str(number) for number in range(1, 2001)]
    packed = gzip.compress(json.dumps(catalogue).encode())
    panel.answer = lambda form: says(packed, extra="Content-Encoding: gzip\r\n")
    assert len(await client.services()) == 2000
    assert "accept-encoding: identity" in panel.heads[0].lower()


async def test_a_body_over_its_cap_is_not_read_to_the_end(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: says(gzip.compress(b" " * 1_000_000), extra="Content-Encoding: gzip\r\n")
    with pytest.raises(Unavailable, match="more than 262144 bytes"):
        await client.services()
    panel.answer = lambda form: panel.flood
    with pytest.raises(Unavailable, match="more than 262144 bytes"):
        await client.balance()


async def test_cancels_are_asked_for_a_hundred_at_a_time(panel: RawPanel, client: PanelClient) -> None:
    def answer(form: Form) -> object:
        ids = form["orders"].split(",")
        if "100" in ids:
            return HTML
        return [{"order": int(order), "cancel": {"error": "No"} if order == "3" else 1} for order in ids]

    panel.answer = answer
    answers = await client.cancel([str(number) for number in range(1, 251)])
    assert len(answers) == 150
    assert (answers["101"], answers["250"]) == (Accepted("1"), Accepted("1"))
    assert "3" not in answers
    assert await client.cancel(["3", "4"]) == {"3": RowError("No"), "4": Accepted("1")}
    assert {form["action"] for form in panel.heard} == {"cancel"}
    panel.answer = lambda form: {"error": "Cancel is off"}
    with pytest.raises(Refused):
        await client.cancel(["1"])


async def test_connections_are_kept_between_requests(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"balance": 1}
    for _ in range(3):
        await client.balance()
    assert panel.connections == 1


@pytest.mark.parametrize("address", ["", "panel.example/api/v2", "ftp://panel.example/", "http://", "http://[::1/"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|URL"):
        PanelClient("north", address, KEY)
