"""Keys in the chat: shown once and nowhere else, exchanged, bound, limited, revoked."""

import json
from collections.abc import Iterator

import pytest
from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardButton
from sqlalchemy import select

from services import api_keys, resellers
from services.models import Model
from services.money import Money
from tests.handlers.phone import Line, Phone
from tests.shop import MIA, Shop


@pytest.fixture
async def selling(shop: Shop) -> None:
    """Mia sells on."""
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="shop.example", now=shop.time)
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=shop.time)


async def listed(shop: Shop) -> list[api_keys.KeyView]:
    async with shop.db.read() as session:
        return await api_keys.listed(session, MIA, shop.now())


async def opens(shop: Shop, secret: str) -> bool:
    async with shop.db.read() as session:
        access = await api_keys.opened(session, secret, shop.now())
    return access is not None and access.open


def secret_of(phone: Phone) -> str:
    """As it stands in the message that shows it."""
    shown = phone.saying("It is shown this once")
    return next(line for line in shown.text.splitlines() if line.startswith(api_keys.PREFIX))


async def made(phone: Phone) -> str:
    await phone.say("/reseller")
    await phone.tap("🔑 Keys")
    await phone.tap("➕ New key")
    return secret_of(phone)


def buttons(phone: Phone) -> Iterator[InlineKeyboardButton]:
    for shown in phone.messages:
        for row in shown.keyboard.inline_keyboard if shown.keyboard else []:
            yield from row


async def test_a_key_is_shown_once_and_taken_out_of_the_chat_by_a_tap(selling: None, mia: Phone, shop: Shop) -> None:
    secret = await made(mia)
    assert await opens(shop, secret)
    copying = [button.copy_text.text for button in buttons(mia) if button.copy_text]
    assert copying == [secret]
    assert await mia.tap("🗑 Saved: remove it here") == ("Removed from this chat.", False)
    assert secret not in "".join(shown.text for shown in mia.messages)
    assert secret[: api_keys.HINT] in mia.last.text
    await mia.tap("🔑 psk_")
    assert "not used yet" in mia.last.text
    assert secret not in mia.last.text


async def test_who_leaves_the_question_can_take_the_key_out_of_the_chat_all_the_same(
    selling: None, mia: Phone, shop: Shop
) -> None:
    secret = await made(mia)
    await mia.tap("‹ Back")
    assert await mia.tap("🗑 Saved: remove it here") == ("Removed from this chat.", False)
    assert secret not in "".join(shown.text for shown in mia.messages)


async def test_the_shop_keeps_no_copy_of_a_key_wherever_it_writes(selling: None, mia: Phone, shop: Shop) -> None:
    """Nor would the inbox: no message that holds one has a button whose tap would hand it over."""
    secret = await made(mia)
    for shown in mia.messages:
        if secret in shown.text and shown.keyboard:
            assert all(button.callback_data is None for row in shown.keyboard.inline_keyboard for button in row)
    async with shop.db.read() as session:
        for table in Model.metadata.sorted_tables:
            rows = await session.all(select(table))
            assert secret not in json.dumps([[str(value) for value in row] for row in rows]), table.name


async def test_a_key_that_could_not_be_shown_opens_nothing_and_the_old_one_stays(
    selling: None, mia: Phone, shop: Shop, line: Line
) -> None:
    secret = await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    line.failures[SendMessage] = 1
    rotate = mia.last.data("🔄 Exchange")
    with pytest.raises(Exception, match="reset"):
        await mia.press(rotate, mia.last)
    [key] = await listed(shop)
    assert key.ends_at is None
    assert await opens(shop, secret)
    await mia.say("/reseller")
    await mia.tap("🔑 Keys")
    line.failures[SendMessage] = 1
    with pytest.raises(Exception, match="reset"):
        await mia.tap("➕ New key")
    assert len(await listed(shop)) == 1


async def test_an_exchanged_key_works_for_a_day_beside_the_new_one(selling: None, mia: Phone, shop: Shop) -> None:
    old = await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    await mia.tap("🔄 Exchange")
    assert "The old key works for 24 more hours" in mia.last.text
    new = secret_of(mia)
    assert new != old
    shop.wait(hours=23)
    assert await opens(shop, old)
    await mia.tap("‹ Back")
    await mia.tap("⏳ psk_")
    assert "Another key took its place" in mia.last.text
    assert mia.last.labels == ["⛔ Revoke", "‹ Back"]
    shop.wait(hours=2)
    assert not await opens(shop, old)
    assert await opens(shop, new)


async def test_revoking_is_asked_first_and_then_at_once(selling: None, mia: Phone, shop: Shop) -> None:
    secret = await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    await mia.tap("⛔ Revoke")
    assert "can order nothing from now on" in mia.last.text
    assert await opens(shop, secret)
    sure, shown = mia.last.data("⛔ Yes"), mia.last
    assert await mia.tap("⛔ Yes, revoke it") == ("Revoked: it opens nothing any more.", False)
    assert not await opens(shop, secret)
    assert "You have no key yet" in mia.last.text
    said, _ = await mia.press(sure, shown)
    assert said is not None
    assert "no longer in use" in said


async def test_addresses_and_a_limit_are_typed_and_taken_away_by_a_tap(selling: None, mia: Phone, shop: Shop) -> None:
    await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    await mia.tap("🌐 Allowed addresses")
    assert "is neither an IP address nor a network" in (await mia.say("shop.example")).text
    shown = await mia.say("203.0.113.7, 198.51.100.0/24")
    assert "May be used from: 203.0.113.7/32, 198.51.100.0/24" in shown.text
    await mia.tap("💰 Spending limit")
    assert "is not an amount above zero" in (await mia.say("much")).text
    assert "is not an amount above zero" in (await mia.say("0")).text
    for unclear in ("1,000", "1.000", " 25,000 ", "1,000.50", "1.000,50", "1,000,000"):  # $1.00 would stop a shop
        assert "no sign between thousands, like 1000" in (await mia.say(unclear)).text
    shown = await mia.say("12,50")
    assert "Orders of 24 hours: $0.00 of $12.50" in shown.text
    [key] = await listed(shop)
    assert (list(key.networks), key.limit) == (["203.0.113.7/32", "198.51.100.0/24"], Money.parse("12.50"))
    await mia.tap("💰 No limit", shown)
    await mia.tap("🌐 Allow from anywhere", shown)
    [key] = await listed(shop)
    assert (list(key.networks), key.limit) == ([], None)
    assert "May be used from anywhere" in shown.text


@pytest.mark.parametrize("typed", [None, ",", " , "], ids=["photo", "comma", "blanks"])
async def test_what_holds_no_address_leaves_a_key_bound(
    selling: None, mia: Phone, shop: Shop, typed: str | None
) -> None:
    await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    await mia.tap("🌐 Allowed addresses")
    await mia.say("203.0.113.7")
    await mia.tap("🌐 Allowed addresses")
    assert "No address is in that" in (await mia.say(typed)).text
    assert "May be used from: 203.0.113.8/32" in (await mia.say("203.0.113.8")).text  # the question stands
    [key] = await listed(shop)
    assert key.networks == ["203.0.113.8/32"]


async def test_a_question_is_left_by_a_tap_and_what_is_typed_then_is_no_answer(
    selling: None, mia: Phone, shop: Shop
) -> None:
    await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    await mia.tap("💰 Spending limit")
    await mia.tap("‹ Back")
    await mia.say("12")
    [key] = await listed(shop)
    assert key.limit is None


async def test_another_resellers_key_is_no_key(selling: None, mia: Phone, omar: Phone, shop: Shop) -> None:
    secret = await made(mia)
    await mia.tap("‹ Back")
    await mia.tap("🔑 psk_")
    card = mia.last
    async with shop.db.write() as session:
        await resellers.apply(session, 1002, about="other.example", now=shop.time)
        await resellers.decide(session, 1002, state="approved", actor="admin:1", now=shop.time)
    for label in ("⛔ Revoke", "🔄 Exchange", "🌐 Allowed"):
        said, _ = await omar.press(card.data(label), card)
        assert said is not None
        assert "no longer in use" in said
    assert await opens(shop, secret)


async def test_a_message_too_old_to_remove_is_said_so(selling: None, mia: Phone, line: Line) -> None:
    await made(mia)
    shown = mia.saying("It is shown this once")
    mia.messages.remove(shown)
    said, alert = await mia.tap("🗑 Saved")
    assert said is not None
    assert "by hand" in said
    assert alert
