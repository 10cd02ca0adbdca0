"""Laws of the sender: every answer of Telegram's and what becomes of the message; a card is one message."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from sqlalchemy import update

from bot.sender import Sender
from bot.telegram import TokenRejected
from handlers import notices as words
from handlers.screens import Screen
from services import notices, outbox, users
from services.db import Database, WriteSession
from services.models import Notice
from services.notices import Credited
from tests.blinks import blink
from tests.e2e.post_office import OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA
from tests.scripted_panel import row
from tests.shop import open_shop


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    async with post_office(db, now, tmp_path) as office:
        yield office


# What Telegram answers


async def test_a_notice_arrives_once_in_the_readers_words(post: Post) -> None:
    async with sending(post):
        await post.credited()
        (row,) = await post.settled()
    assert row.state == "sent"
    (told,) = await post.chat()
    assert "$5.00" in told


@pytest.mark.parametrize(("given", "waits"), [(7, 7), (None, 5)])
async def test_429_waits_as_long_as_told_for_that_chat_alone(post: Post, given: int | None, waits: float) -> None:
    await post.fault(429, retry_after=given, person=MIA)
    await post.credited("mia")
    await post.credited("omar", OMAR)
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows} == {"sent"}
    began = {chat: [at for at, call in post.calls if getattr(call, "chat_id", 0) == chat] for chat in (MIA, OMAR)}
    assert began[MIA][1] - began[MIA][0] >= waits
    assert began[OMAR][0] - began[MIA][0] < 1


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_who_cannot_be_reached_is_marked_and_their_queue_dropped(
    post: Post, status: int, description: str
) -> None:
    await post.fault(status, description, person=MIA)
    for key in ("a", "b", "c"):
        await post.credited(key)
    await post.credited("omar", OMAR)
    async with sending(post):
        rows = await post.settled()
    assert Counter(row.state for row in rows) == {"dropped": 3, "sent": 1}
    assert await reachable(post, MIA) is False
    assert await reachable(post, OMAR) is True
    async with post.db.write() as session:
        await users.remember(session, user_id=MIA, name="Mia", username=None, language_code="en", now=post.time.now())
    assert await reachable(post, MIA) is True


async def test_missing_rights_say_nothing_of_a_persons_own_chat(post: Post) -> None:
    await post.fault(400, "Bad Request: have no rights to send a message", person=MIA)
    await post.credited()
    async with sending(post):
        [row] = await post.settled()
    assert (row.state, row.tries) == ("sent", 2)
    assert await reachable(post, MIA)


async def reachable(post: Post, person: int) -> bool:
    async with post.db.read() as session:
        found = await users.find(session, person)
    assert found is not None
    return found.reachable


async def test_an_unchanged_edit_is_a_success(post: Post) -> None:
    async with sending(post):
        await post.card(100)
        (first,) = await post.settled()
        await post.card(100)
        (second,) = await post.settled()
    assert (second.state, second.message_id, second.last_error) == ("sent", first.message_id, None)
    assert len(await post.chat()) == 1


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: message to edit not found",
        "Bad Request: message can't be edited",
        "Bad Request: there is no text in the message to edit",
        "Bad Request: MESSAGE_ID_INVALID",
    ],
)
async def test_a_card_whose_message_is_gone_is_sent_anew_and_goes_on_there(post: Post, description: str) -> None:
    async with sending(post):
        await post.card(100)
        (first,) = await post.settled()
        await post.fault(400, description, "editMessageText")
        await post.card(200)
        (second,) = await post.settled()
        await post.card(300)
        (third,) = await post.settled()
    assert second.message_id != first.message_id
    assert third.message_id == second.message_id
    assert [("100 of" in told, "300 of" in told) for told in await post.chat()] == [(True, False), (False, True)]


async def test_bad_html_goes_out_as_plain_text(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Screen("<b>5 &lt; 6</b> and <i>open")
    monkeypatch.setattr(words, "render", lambda *_args, **_more: broken)
    async with sending(post):
        await post.credited()
        (row,) = await post.settled()
    assert row.state == "sent"
    assert await post.chat() == ["5 < 6 and open"]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502, "html": True},
        {"status": 200, "html": True},
        {"status": 0, "before": True},
    ],
    ids=str,
)
async def test_trouble_on_the_line_is_tried_again(post: Post, fault: dict[str, Any]) -> None:
    await post.fault(**fault)
    async with sending(post):
        await post.credited()
        (row,) = await post.settled()
    assert (row.state, row.tries) == ("sent", 2)
    assert len(await post.chat()) == 1


async def test_a_refund_is_paid_and_told_though_telegram_refuses_the_first_sends(post: Post) -> None:
    async with open_shop(post.db) as shop:
        await shop.placed()
        shop.north.rows["1"] = row("Partial", "400")
        await shop.poll()
        assert await shop.balance() == "19.00"
    for _ in range(2):
        await post.fault(502, "Bad Gateway")
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows if row.tries} == {"sent"}
    assert sum("$4.00" in text and "600" in text and "$19.00" in text for text in await post.chat()) == 1


async def test_backing_off_doubles_and_never_gives_a_notice_up(post: Post) -> None:
    post.time.step = 40.0
    await post.telegram.page("fault", method="sendMessage", status=503, times=12)
    async with sending(post):
        await post.credited()
        (row,) = await post.settled()
    assert (row.state, row.tries) == ("sent", 13)
    times = [at for at, _ in post.calls]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(pause >= 2**number for number, pause in enumerate(pauses[:8]))
    assert max(pauses) <= Sender.LONGEST_BACKOFF + 60


async def test_a_message_that_may_have_arrived_is_sent_again(post: Post) -> None:
    """Telegram's protocol cannot tell: the connection broke after it had done its work."""
    await post.fault(0)
    async with sending(post):
        await post.credited()
        await post.settled()
    assert len(await post.chat()) == 2


async def test_a_rejected_token_stops_the_sender_loudly(post: Post) -> None:
    await post.fault(401)
    await post.credited()
    with pytest.raises(ExceptionGroup) as stopped:
        await post.sender.run()
    assert stopped.value.subgroup(TokenRejected) is not None


async def test_a_message_that_telegram_never_takes_is_given_up_after_a_while(post: Post) -> None:
    await post.telegram.page(
        "fault", method="sendMessage", status=400, times=50, description="Bad Request: message is too long", person=MIA
    )
    await post.credited("mia")
    await post.credited("omar", OMAR)
    async with sending(post):
        mia, omar = await post.settled()
    assert (mia.state, mia.tries) == ("dropped", Sender.REFUSALS)
    assert "message is too long" in mia.last_error
    assert omar.state == "sent"


async def test_a_notice_without_words_stops_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    render: Callable[..., Screen] = words.render

    def rendered(notice: notices.Notice, *args: Any, **more: Any) -> Screen:
        if isinstance(notice, Credited) and notice.reason == "broken":
            raise KeyError("no such message")
        return render(notice, *args, **more)

    monkeypatch.setattr(words, "render", rendered)
    await post.credited("broken")
    await post.credited("fine", OMAR)
    async with sending(post):
        broken, fine = await post.settled()
    assert (broken.state, fine.state) == ("dropped", "sent")


async def test_a_database_that_is_away_costs_a_notice_none_of_its_tries(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, away = users.readers, Sender.REFUSALS + 2

    async def away_at_first(session: WriteSession, people: set[int]) -> dict[int, users.Reader]:
        nonlocal away
        away -= 1
        if away >= 0:
            await blink(session)
        return await look(session, people)

    monkeypatch.setattr(users, "readers", away_at_first)
    await post.credited()
    async with sending(post):
        (row,) = await post.settled()
    assert away < 0
    assert (row.state, row.tries) == ("sent", 1)


async def test_between_its_claim_and_telegram_a_notice_needs_no_database(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one that is away would pass for a notice that cannot be put into words, and a refund's would be dropped."""
    claim = outbox.claim

    def away() -> None:
        raise ConnectionRefusedError

    async def then_gone(*args: Any, **more: Any) -> list[outbox.Claimed]:
        claimed = await claim(*args, **more)
        for door in ("read", "write") if claimed else ():
            monkeypatch.setattr(post.db, door, away)
        return claimed

    monkeypatch.setattr(outbox, "claim", then_gone)
    await post.credited()
    async with sending(post):
        async with asyncio.timeout(10):
            while not await post.chat():  # noqa: ASYNC110  what is waited for is a message
                await asyncio.sleep(0.005)
        monkeypatch.undo()
        (row,) = await post.settled()
    assert (row.state, row.tries) == ("sent", 1)
    assert len(await post.chat()) == 1


async def test_a_notice_of_a_newer_version_waits_for_it(post: Post) -> None:
    await post.credited("newer")
    await post.credited("known")
    async with post.db.write() as session:
        await session.run(update(Notice).where(Notice.key == "newer").values(kind="not invented yet"))
    async with sending(post):
        await post.until(lambda rows: [row.state for row in rows] == ["queued", "sent"])


# A card's life


async def test_a_card_is_one_message_edited_as_it_moves(post: Post) -> None:
    async with sending(post):
        for delivered in (0, 2_500, 6_000):
            await post.card(delivered)
            await post.settled()
    (told,) = await post.chat()
    assert "6,000 of 10,000" in told
    assert [type(call) for _, call in post.calls] == [SendMessage, EditMessageText, EditMessageText]


async def test_a_card_takes_over_the_message_it_is_given(post: Post) -> None:
    message = await post.telegram.result("sendMessage", chat_id=MIA, text="Please check your order")
    async with sending(post):
        await post.card(0, message["message_id"])
        (row,) = await post.settled()
    assert row.message_id == message["message_id"]
    assert "0 of 10,000" in (await post.chat())[0]


async def test_a_card_replaced_while_it_is_on_its_way_ends_with_its_newest_content(post: Post) -> None:
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def hold(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if isinstance(method, SendMessage):
            under_way.set()
            await go_on.wait()
        return await make_request(bot, method)

    post.telegram.bot.session.middleware(hold)
    async with sending(post):
        await post.card(1_000)
        await under_way.wait()
        await post.card(9_000)
        go_on.set()
        await post.settled()
    (told,) = await post.chat()
    assert "9,000 of 10,000" in told


async def test_a_card_that_moves_on_while_a_claim_waits_for_its_turn_is_not_left_lying(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim begins while the old content is on its way, and looks once that was recorded."""
    under_way, go_on, claiming, recorded = (asyncio.Event() for _ in range(4))

    async def hold(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if isinstance(method, SendMessage):
            under_way.set()
            await go_on.wait()
        return await make_request(bot, method)

    @asynccontextmanager
    async def in_turn() -> AsyncIterator[WriteSession]:
        late = under_way.is_set() and not claiming.is_set()
        if late:
            claiming.set()
            await recorded.wait()
        async with post.db.write() as session:
            yield session
        if claiming.is_set():
            recorded.set()

    post.telegram.bot.session.middleware(hold)
    monkeypatch.setattr(post.sender, "_db", SimpleNamespace(write=in_turn))
    async with sending(post):
        await post.card(1_000)
        await under_way.wait()
        await post.card(9_000)
        await claiming.wait()
        go_on.set()
        await post.settled()
    (first, _), (second, _) = post.calls
    assert second - first < Sender.LEASE.total_seconds() / 2
    (told,) = await post.chat()
    assert "9,000 of 10,000" in told


async def test_what_may_have_been_read_before_a_restore_says_so(post: Post) -> None:
    await post.credited()
    async with post.db.write() as session:
        await session.run(update(Notice).values(again=True))
    async with sending(post):
        await post.settled()
    (told,) = await post.chat()
    assert told.startswith("🔁 The shop was brought back from a backup, so you may have read this before.\n\n")
    assert "$5.00" in told
