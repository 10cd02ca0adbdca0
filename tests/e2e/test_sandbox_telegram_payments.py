"""Stars: an invoice is checked, paid once, told of, listed, and given back whole."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import LabeledPrice, Message, PreCheckoutQuery, Update

from tests.e2e.sandbox_telegram import MIA, Telegram, running

OMAR = 1002
QUERY_EXPIRED = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    async with running(tmp_path) as telegram:
        await telegram.start(MIA, OMAR)
        yield telegram


async def invoice(telegram: Telegram) -> Message:
    return await telegram.bot.send_invoice(
        MIA,
        title="Top up",
        description="500 Stars to your wallet",
        payload="topup:1",
        currency="XTR",
        prices=[LabeledPrice(label="Top up", amount=500)],
    )


async def next_update(telegram: Telegram) -> Update:
    """The next update, confirmed, as aiogram reads it."""
    updates = await telegram.bot.get_updates(timeout=2)
    await telegram.bot.get_updates(offset=updates[0].update_id + 1)
    return updates[0]


async def check(telegram: Telegram) -> PreCheckoutQuery:
    query = (await next_update(telegram)).pre_checkout_query
    assert query is not None
    return query


async def buy(telegram: Telegram, person: int = MIA, **what: Any) -> str:
    """Somebody pays and the bot approves; the charge id."""
    async with asyncio.TaskGroup() as tasks:
        paying = tasks.create_task(telegram.page("pay", person=person, **what))
        await telegram.bot.answer_pre_checkout_query((await check(telegram)).id, ok=True)
    assert paying.result() == {"status": 200, "ok": True}
    if what.get("lost"):
        return ""
    message = (await next_update(telegram)).message
    assert message is not None
    assert message.successful_payment is not None
    return message.successful_payment.telegram_payment_charge_id


async def test_an_approved_payment_reaches_the_bot_and_marks_the_invoice_paid(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    assert sent.invoice is not None
    assert (sent.invoice.currency, sent.invoice.total_amount) == ("XTR", 500)
    async with asyncio.TaskGroup() as tasks:
        paying = tasks.create_task(telegram.page("pay", person=MIA, message_id=sent.message_id))
        query = await check(telegram)
        assert (query.from_user.id, query.total_amount, query.invoice_payload) == (MIA, 500, "topup:1")
        assert not paying.done()
        await query.as_(telegram.bot).answer(ok=True)
    assert paying.result()["ok"]
    message = (await next_update(telegram)).message
    assert message is not None
    assert message.successful_payment is not None
    assert message.from_user is not None
    payment = message.successful_payment
    assert (message.from_user.id, payment.total_amount, payment.invoice_payload) == (MIA, 500, "topup:1")
    shown = (await telegram.look("chat", person=MIA))["messages"][1]
    assert shown["invoice"] == {
        "title": "Top up", "description": "500 Stars to your wallet", "currency": "XTR", "total": 500, "paid": True,
    }  # fmt: skip
    assert shown["keyboard"][0][0]["pay"] is True
    again = await telegram.page("pay", person=MIA, message_id=sent.message_id)
    assert again == {"status": 200, "ok": False, "error": "INVOICE_ALREADY_PAID"}


async def test_a_refused_payment_tells_the_person_why_and_moves_nothing(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    async with asyncio.TaskGroup() as tasks:
        paying = tasks.create_task(telegram.page("pay", person=MIA, message_id=sent.message_id))
        query = await check(telegram)
        assert await telegram.refusal("answerPreCheckoutQuery", pre_checkout_query_id=query.id, ok=False) == (
            'Bad Request: parameter "error_message" is required'
        )
        await telegram.bot.answer_pre_checkout_query(query.id, ok=False, error_message="Sold out")
    assert paying.result() == {"status": 200, "ok": False, "error": "Sold out"}
    assert await telegram.updates() == []
    assert (await telegram.bot.get_my_star_balance()).amount == 0


async def test_no_answer_in_time_is_a_no_and_a_late_one_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, pre_checkout_seconds=0.05) as telegram:
        await telegram.start(MIA)
        sent = await invoice(telegram)
        result = await telegram.page("pay", person=MIA, message_id=sent.message_id)
        assert result == {"status": 200, "ok": False, "error": "BOT_PRECHECKOUT_TIMEOUT"}
        query = await check(telegram)
        late = {"pre_checkout_query_id": query.id, "ok": True}
        assert await telegram.refusal("answerPreCheckoutQuery", **late) == QUERY_EXPIRED
        assert not (await telegram.look("chat", person=MIA))["messages"][1]["invoice"]["paid"]


async def test_a_server_that_stops_does_not_wait_for_the_bots_answer(tmp_path: Path) -> None:
    async with asyncio.timeout(3), asyncio.TaskGroup() as tasks, running(tmp_path) as telegram:
        await telegram.start()
        sent = await invoice(telegram)
        paying = tasks.create_task(telegram.page("pay", person=MIA, message_id=sent.message_id))
        await check(telegram)
        await telegram.runner.cleanup()
        assert (await paying)["ok"] is False


async def test_two_taps_on_pay_charge_once(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    async with asyncio.TaskGroup() as tasks:
        taps = [tasks.create_task(telegram.page("pay", person=MIA, message_id=sent.message_id)) for _ in range(2)]
        for _ in taps:
            await telegram.bot.answer_pre_checkout_query((await check(telegram)).id, ok=True)
    assert sorted(tap.result()["ok"] for tap in taps) == [False, True]
    assert (await telegram.bot.get_my_star_balance()).amount == 500


async def test_a_forwarded_invoice_and_a_link_may_be_paid_by_anybody(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    await buy(telegram, OMAR, message_id=sent.message_id)
    assert not (await telegram.look("chat", person=MIA))["messages"][1]["invoice"]["paid"]
    link = await telegram.bot.create_invoice_link(
        title="T", description="D", payload="p", currency="XTR", prices=[LabeledPrice(label="l", amount=7)]
    )
    assert link.startswith("https://t.me/$")
    await buy(telegram, MIA, link=link)
    await buy(telegram, OMAR, link=link)
    assert (await telegram.bot.get_my_star_balance()).amount == 514


async def test_a_payment_whose_news_was_lost_is_found_in_the_transactions(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    await buy(telegram, message_id=sent.message_id, lost=True)
    assert await telegram.updates() == []
    transactions = (await telegram.bot.get_star_transactions()).transactions
    assert [t.amount for t in transactions] == [500]
    source = transactions[0].source
    assert source is not None
    assert source.model_dump()["invoice_payload"] == "topup:1"


async def test_a_refund_is_whole_and_happens_once(telegram: Telegram) -> None:
    sent = await invoice(telegram)
    charge = await buy(telegram, message_id=sent.message_id)
    assert await telegram.bot.refund_star_payment(MIA, charge)
    message = (await next_update(telegram)).message
    assert message is not None
    assert message.refunded_payment is not None
    assert message.refunded_payment.telegram_payment_charge_id == charge
    with pytest.raises(TelegramBadRequest, match="CHARGE_ALREADY_REFUNDED"):
        await telegram.bot.refund_star_payment(MIA, charge)
    for user, charge_id in ((OMAR, charge), (MIA, "stx-none")):
        with pytest.raises(TelegramBadRequest, match="CHARGE_NOT_FOUND"):
            await telegram.bot.refund_star_payment(user, charge_id)
    transactions = (await telegram.bot.get_star_transactions()).transactions
    assert [(t.id, t.source is None, t.receiver is None) for t in transactions] == [
        (charge, False, True),
        (charge, True, False),
    ]
    assert (await telegram.bot.get_my_star_balance()).amount == 0
    assert (await telegram.bot.get_star_transactions(offset=1, limit=1)).transactions[0].receiver is not None


async def test_an_invoice_is_refused_in_telegrams_words(telegram: Telegram) -> None:
    good = {
        "chat_id": MIA,
        "title": "T",
        "description": "D",
        "payload": "p",
        "currency": "XTR",
        "prices": [{"label": "l", "amount": 1}],
    }
    other = [{"text": "b", "callback_data": "x"}]
    for change, reason in (
        ({"title": ""}, 'parameter "title" is required'),
        ({"payload": "ж" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"prices": []}, "there must be at least one price"),
        ({"prices": [{"label": "", "amount": 1}]}, "can't parse labeled price: LabeledPrice label must be non-empty"),
        ({"prices": [{"label": "l", "amount": 1.5}]},
         'can\'t parse labeled price: Field "amount" must be of type Number'),
        ({"prices": [{"label": "l", "amount": 1}] * 2}, "STARS_INVOICE_INVALID"),
        ({"provider_token": "x"}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "l", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"currency": "USD"}, "PAYMENT_PROVIDER_INVALID"),
        ({"reply_markup": {"inline_keyboard": [other]}}, "REPLY_MARKUP_BUY_EMPTY"),
        ({"chat_id": 9001}, "chat not found"),
    ):  # fmt: skip
        assert await telegram.refusal("sendInvoice", **{**good, **change}) == f"Bad Request: {reason}"
    buttons = {"inline_keyboard": [[{"text": "Pay", "pay": True}], other]}
    sent = await telegram.result("sendInvoice", **{**good, "reply_markup": buttons})
    edit = {"chat_id": MIA, "message_id": sent["message_id"], "text": "x"}
    assert await telegram.refusal("editMessageText", **edit) == ("Bad Request: there is no text in the message to edit")
    assert await telegram.page("pay", person=MIA, message_id=404) == {
        "status": 200,
        "ok": False,
        "error": "INVOICE_INVALID",
    }
