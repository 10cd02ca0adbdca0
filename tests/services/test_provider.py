"""The panel client says with certainty what is certain, over real HTTP against a panel that behaves badly."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest

from services.provider import (
    AddRequest,
    Ambiguous,
    BadKey,
    NothingSent,
    PanelClient,
    ProviderError,
    Refused,
    Unavailable,
)
from tests.services.raw_panel import RawPanel, babbles, breaks_off, free_port, hangs_up, says, serving

KEY = "canary-key-5f3a/+ 1"
ORDER = AddRequest("101", "https://instagram.com/p/abc?a=1&b=2", 10_000)
HTML = "<!DOCTYPE html><html><body>Just a moment</body></html>"


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


async def test_an_order_is_one_form_encoded_post(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"order": 23501}
    extras = {"comments": "so good\nwow", "runs": "2", "action": "cancel", "key": "other"}
    assert await client.add(AddRequest("101", ORDER.link, 10_000, extras), "token") == "23501"
    assert panel.heard == [
        {
            "key": KEY,
            "action": "add",
            "service": "101",
            "link": ORDER.link,
            "quantity": "10000",
            "comments": "so good\nwow",
            "runs": "2",
        }
    ]
    assert panel.heads[0].startswith("POST /api/v2 HTTP/1.1\r\n")
    assert "application/x-www-form-urlencoded" in panel.heads[0].lower()


async def test_the_idempotency_key_goes_under_the_name_the_panel_gave_it(panel: RawPanel, url: str) -> None:
    panel.answer = lambda form: {"order": 1}
    client = PanelClient("north", url, KEY, deadline=10, idempotency_parameter="request_id")
    await client.add(ORDER, "token-1")
    await client.close()
    assert panel.heard[0]["request_id"] == "token-1"


UNCLEAR = {
    "closed without a byte": hangs_up,
    "closed in the middle": breaks_off,
    "no HTTP": babbles,
    "500": says(HTML, 500),
    "500 with an id": says({"order": 1}, 500),
    "500 with an error": says({"error": "Incorrect service ID"}, 500),
    "502": says(HTML, 502),
    "403 page": says(HTML, 403),
    "400 with an id": says({"order": 1}, 400),
    "HTML with 200": says(HTML),
    "nothing": says(""),
    "cut JSON": says('{"order":'),
    "both keys": says({"order": 1, "error": "neworder.error.link"}),
    "an error and a status": says({"error": "Incorrect service ID", "status": "104"}),
    "null": says({"order": None}),
    "a redirect": says("", 302, extra="Location: /elsewhere\r\n"),
    "a redirect with an error": says({"error": "Moved"}, 307, extra="Location: /elsewhere\r\n"),
    "broken gzip": says({"order": 1}, extra="Content-Encoding: gzip\r\n"),
}


@pytest.mark.parametrize("how", UNCLEAR)
async def test_whatever_is_no_clear_answer_is_ambiguous_and_sent_once(
    how: str, panel: RawPanel, client: PanelClient
) -> None:
    panel.answer = lambda form: UNCLEAR[how]
    with pytest.raises(Ambiguous) as raised:
        await client.add(ORDER, "token")
    await asyncio.sleep(0.01)
    assert len(panel.heard) == 1
    assert raised.value.evidence


@pytest.mark.parametrize("how", ["hang", "drip", "flood"])
async def test_an_answer_without_end_is_ambiguous_within_the_deadline(how: str, panel: RawPanel, url: str) -> None:
    panel.answer = lambda form: getattr(panel, how)
    client = PanelClient("north", url, KEY, deadline=1.0)
    async with asyncio.timeout(10):
        with pytest.raises(Ambiguous):
            await client.add(ORDER, "token")
    await client.close()
    assert len(panel.heard) == 1


@pytest.mark.parametrize("how", ["hang", "drop"])
async def test_what_goes_wrong_on_a_kept_connection_is_ambiguous_too(how: str, panel: RawPanel, url: str) -> None:
    """Nothing was connected for this order, and yet it was sent."""
    client = PanelClient("north", url, KEY, deadline=0.6)
    panel.answer = lambda form: {"order": 1}
    await client.add(ORDER, "token")
    panel.answer = lambda form: panel.hang if how == "hang" else hangs_up
    with pytest.raises(Ambiguous):
        await client.add(ORDER, "token")
    await client.close()
    assert (panel.connections, len(panel.heard)) == (1, 2)


async def test_a_connection_closed_while_it_idled_is_replaced(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: says_and_closes
    assert await client.add(ORDER, "token") == "1"
    await asyncio.sleep(0.01)
    assert await client.add(ORDER, "token") == "1"
    assert panel.connections == 2


async def says_and_closes(writer: asyncio.StreamWriter) -> None:
    await says({"order": 1})(writer)
    writer.close()


async def test_the_evidence_is_the_answer_without_the_key_and_at_most_2_kb(
    panel: RawPanel, client: PanelClient
) -> None:
    shown = f"<pre>POST key={KEY}\nkey=canary-key-5f3a%2F%2B+1\x00</pre>" + "ü" * 5000
    panel.answer = lambda form: says(shown, 500)
    with pytest.raises(Ambiguous) as raised:
        await client.add(ORDER, "token")
    assert raised.value.evidence.startswith("HTTP 500: <pre>POST key=*** key=***</pre>ü")
    assert 2000 < len(raised.value.evidence.encode()) <= 2048


REFUSALS = {
    "neworder.error.not_enough_funds": "not_enough_funds",
    "Incorrect service ID": "bad_service",
    "neworder.error.link_duplicate": "duplicate_link",
    "Something else": "other",
}


@pytest.mark.parametrize("text", REFUSALS)
@pytest.mark.parametrize("status", [200, 400, 422, 429])
async def test_a_plain_error_is_a_refusal_with_its_reason(
    text: str, status: int, panel: RawPanel, client: PanelClient
) -> None:
    panel.answer = lambda form: says({"error": text}, status)
    with pytest.raises(Refused) as raised:
        await client.add(ORDER, "token")
    assert (raised.value.reason, raised.value.text) == (REFUSALS[text], text)


async def test_a_bad_key_is_a_refusal_of_its_own_kind(panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: {"error": f"Invalid API key {form['key']}"}
    with pytest.raises(BadKey) as raised:
        await client.add(ORDER, "token")
    assert raised.value.text == "Invalid API key ***"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/",  # nobody listens
        f"http://{'a' * 64}.invalid/",  # no resolver takes it
    ],
)
async def test_without_a_connection_nothing_was_sent(address: str) -> None:
    client = PanelClient("north", address.format(port=free_port()), KEY, deadline=10)
    with pytest.raises(NothingSent):
        await client.add(ORDER, "token")
    with pytest.raises(Unavailable):
        await client.balance()
    await client.close()


async def test_without_tls_nothing_was_sent(panel: RawPanel, url: str) -> None:
    client = PanelClient("north", url.replace("http:", "https:"), KEY, deadline=0.2)
    with pytest.raises(NothingSent):
        await client.add(ORDER, "token")
    await client.close()
    assert panel.heard == []


async def test_a_listener_that_never_shakes_hands_was_sent_nothing() -> None:
    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        closed.set()

    closed = asyncio.Event()
    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    client = PanelClient("north", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", KEY, deadline=0.4)
    with pytest.raises(NothingSent):
        await client.add(ORDER, "token")
    await client.close()
    server.close()
    await closed.wait()


async def test_an_order_that_found_no_place_in_flight_was_not_sent(panel: RawPanel, url: str) -> None:
    client = PanelClient("north", url, KEY, deadline=0.6, concurrency=1)
    panel.answer = lambda form: panel.hang
    async with asyncio.TaskGroup() as group:
        first = group.create_task(caught(client))
        second = group.create_task(caught(client))
    await client.close()
    assert (type(first.result()), type(second.result())) == (Ambiguous, NothingSent)
    assert len(panel.heard) == 1


async def caught(client: PanelClient) -> ProviderError | None:
    try:
        await client.add(ORDER, "token")
    except ProviderError as error:
        return error
    return None


async def test_cancellation_passes_through_and_gives_the_place_back(panel: RawPanel, url: str) -> None:
    client = PanelClient("north", url, KEY, deadline=10, concurrency=1)
    panel.answer = lambda form: panel.hang
    async with asyncio.TaskGroup() as group:
        task = group.create_task(client.add(ORDER, "token"))
        await panel.arrived.wait()
        task.cancel()
    assert task.cancelled()
    panel.answer = lambda form: {"order": 2}
    assert await client.add(ORDER, "token") == "2"
    await client.close()


async def test_a_key_too_short_to_be_one_is_not_looked_for_in_innocent_text(panel: RawPanel, url: str) -> None:
    client = PanelClient("north", url, "key", deadline=10)
    panel.answer = lambda form: {"error": "Monkeys"}
    with pytest.raises(Refused, match="Monkeys"):
        await client.add(ORDER, "token")
    await client.close()


@pytest.mark.parametrize("how", [says(f"{KEY} oops", 500), says({"error": f"Bad {KEY}"}), hangs_up])
async def test_no_exception_repr_or_traceback_holds_the_key(how: object, panel: RawPanel, client: PanelClient) -> None:
    panel.answer = lambda form: how
    error = await caught(client)
    assert error is not None
    assert error.__cause__ is None
    assert error.__context__ is None
    told = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert KEY not in "".join([*told, repr(client), str(vars(client)), str(error), repr(error)])
