"""Resellers and their tiers in the hands of the staff: found, let in, kept out, discounted, and written down."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from aiogram import Bot, Dispatcher
from sqlalchemy import select

from bot.settings import Settings
from handlers import screens
from handlers.admin import tiers
from handlers.i18n import Texts
from handlers.reseller_staff_buttons import LONGEST_TIER, ResellerCard
from services import resellers, tiering
from services.models import Service
from services.roles import Role
from services.tiers import TierView
from tests import reselling
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone
from tests.shop import MIA, Shop

YES = "✅ Do it"
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def sells(shop: Shop) -> None:
    """Mia sells on at shop.example."""
    await reselling.approve(shop.db, MIA, shop.time)


async def log(ada: Phone, of: str) -> list[str]:
    """What the log says, without when and who."""
    text = (await ada.say(f"/log {of}")).text
    return [line.partition("Ada: ")[2] for line in text.splitlines() if "Ada: " in line]


async def test_a_tier_is_made_changed_and_done_away_with(ada: Phone, shop: Shop) -> None:
    said = (await ada.say("/tier gold 10")).text
    assert said.splitlines()[:2] == [
        "✅ Tier gold, on everything: no discount of its own → 10 %",
        "No service would go below its cost by that.",
    ]
    said = (await ada.say("/tier GOLD 30")).text
    assert "✅ Tier gold, on everything: 10 % → 30 %" in said
    assert "⚠️ 5 of 5 services would go below cost by that, and are sold at cost" in said
    assert "service #1: no discount of its own → 5 %" in (await ada.say("/tier gold 1 5")).text
    shown = (await ada.say("/tier")).text
    assert "gold: 30 % off · nobody\n· apart: #1 5 %\n" in shown
    assert "service #1: 5 % → the tier’s discount again" in (await ada.say("/tier gold 1 off")).text
    assert "apart" not in (await ada.say("/tier gold")).text
    assert (await ada.say("/tier gold off")).text == "🗑 The tier gold is gone."
    assert "There is no tier called “gold”" in (await ada.say("/tier gold")).text
    assert (await log(ada, "tier gold"))[:2] == [
        "tier gold done away with",
        "tier gold, service #1: 5 % → no discount of its own",
    ]


async def test_a_discount_above_half_is_asked_for_first(ada: Phone, shop: Shop) -> None:
    asked = await ada.say("/tier gold 51")
    assert asked.text.startswith("Give the tier gold 51 % off everything, instead of no discount of its own?")
    assert "5 of 5 services would go below cost" in asked.text
    assert "There are no tiers yet" in (await ada.say("/tier")).text
    await ada.tap(YES, asked)
    assert "gold: 51 % off" in (await ada.say("/tier")).text
    assert await log(ada, "tier gold") == ["tier gold: no discount → 51 %"]


async def test_a_question_about_a_discount_that_moved_is_asked_anew(ada: Phone, shop: Shop) -> None:
    asked = await ada.say("/tier gold 60")
    await ada.say("/tier gold 20")
    said, _ = await ada.tap(YES, asked)
    assert said is not None
    assert "gold: 20 % off" in (await ada.say("/tier")).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("gold 101", "A discount is from 0 to 100 %"),
        ("gold -1", "“-1” is not a percentage"),
        ("9gold 10", "cannot be the name of a tier"),
        ("-a 10", "cannot be the name of a tier"),
        ("none 10", "cannot be the name of a tier"),
        ("golden-and-very-long-1 10", "cannot be the name of a tier"),
        ("gold x 5", "“x” is not a number"),
        ("gold 999 5", "There is no tier called “gold”"),
        ("gold 10 5 5", "5"),
        ("gold off", "There is no tier called “gold”"),
    ],
)
async def test_what_cannot_be_a_tier_is_told(ada: Phone, typed: str, said: str) -> None:
    assert said in (await ada.say(f"/tier {typed}")).text
    assert "There are no tiers yet" in (await ada.say("/tier")).text


async def test_a_tier_with_somebody_in_it_stays(ada: Phone, shop: Shop, sells: None) -> None:
    await ada.say("/tier gold 10")
    shown = await ada.say(f"/resellers {MIA}")
    await ada.tap("🏷 Tier", shown)
    assert shown.labels == ["gold · 10 % off", "‹ Back"]
    await ada.tap("gold", shown)
    assert shown.text.startswith("✅ Put into the tier gold.")
    assert "🏷 Tier gold: 10 % off for orders of their site" in shown.text
    assert "One reseller is in the tier “gold”" in (await ada.say("/tier gold off")).text
    await ada.tap("🏷 Tier", shown)
    await ada.tap("No tier", shown)
    assert shown.text.startswith("✅ In no tier any more.")
    assert (await ada.say("/tier gold off")).text == "🗑 The tier gold is gone."
    assert (await log(ada, f"user {MIA}"))[:2] == [
        f"R{MIA} ({MIA}): tier gold → none",
        f"R{MIA} ({MIA}): tier none → gold",
    ]


async def test_all_tiers_are_one_list_and_one_keyboard_however_many_there_are(
    ada: Phone, shop: Shop, sells: None
) -> None:
    names = [f"tier-{number:02}-of-a-long-n" for number in range(tiering.MOST)]
    async with shop.db.write() as session:
        services = (await session.values(select(Service.id).order_by(Service.id)))[:5]
        assert len(services) == 5
        for name in names:
            await tiering.put(session, name, Decimal("12.3456"), actor=reselling.BY, now=shop.time)
            for service_id in services:
                await tiering.put_apart(
                    session, name, service_id, Decimal("11.2345"), actor=reselling.BY, now=shop.time
                )
    shown = (await ada.say("/tier")).text
    assert all(name in shown for name in names)
    assert len(shown) <= screens.LONGEST
    assert "· apart: #1 11.2345 %, #2 11.2345 %, #3 11.2345 % and 2 more" in shown
    assert "#5 11.2345 %" in (await ada.say(f"/tier {names[0]}")).text
    assert f"There are {tiering.MOST} tiers already" in (await ada.say("/tier gold 10")).text
    await ada.tap("🏷 Tier", await ada.say(f"/resellers {MIA}"))
    assert ada.last.labels == [*(f"{name} · 12.3456 % off" for name in names), "‹ Back"]


def test_the_longest_list_of_tiers_is_one_message(texts: Texts) -> None:
    apart = {1_000_000 + number: Decimal("99.9999") for number in range(5000)}
    longest = [
        TierView(f"tier-{number:02}-of-a-long-na", Decimal("99.9999"), 100_000, apart) for number in range(tiering.MOST)
    ]
    assert {len(each.name) for each in longest} == {LONGEST_TIER}
    told = tiers.overview(texts, longest)
    assert screens.length(told) <= screens.LONGEST
    assert told.count("and 4,999 more") == tiering.MOST


async def test_a_card_says_what_a_reseller_has_and_how_their_orders_fare(ada: Phone, shop: Shop, sells: None) -> None:
    await reselling.listen(shop.db, MIA, shop.time)
    shown = await ada.say("/resellers SHOP.exam")
    for words in (
        f"🏪 R{MIA} ({MIA})",
        "✅ Sells on since May 4, 2026, 12:00 UTC",
        "shop.example",
        "$25.00",
        "🔑 No key",
        "📦 No orders in 30 days",
        "◐ 0 of 0 that ended stopped half-way (0 %)",
    ):
        assert words in shown.text, words
    assert shown.labels == ["🏷 Tier", "⛔ Suspend", f"👤 R{MIA}", "📦 Orders", "‹ Back"]
    await ada.tap("‹ Back", shown)
    assert shown.text == "🏪 Selling on: 1"
    await ada.tap("‹ Back", shown)
    assert shown.labels == ["✅ Selling on: 1"]


async def test_a_reseller_is_suspended_with_a_reason_and_let_in_again(
    ada: Phone, mia: Phone, shop: Shop, sells: None, deliver: Deliver
) -> None:
    await ada.tap("⛔ Suspend", await ada.say(f"/resellers {MIA}"))
    assert ada.last.text.startswith(f"Why is R{MIA} to be suspended?")
    asked = await ada.say("chargebacks")
    assert "Reason: chargebacks" in asked.text
    async with shop.db.read() as session:
        assert (await resellers.require(session, MIA)).may_sell
    await ada.tap(YES, asked)
    assert asked.text.startswith("⛔ Suspended: their keys open nothing any more.")
    assert "⛔ Suspended, May 4, 2026, 12:00 UTC, by Ada" in asked.text
    await deliver()
    heard = mia.last
    assert heard.text.startswith("⛔ Your reseller account was suspended.")
    assert "write to support" in heard.text
    assert "chargebacks" not in heard.text
    await ada.tap("✅ Let in", asked)
    again = ada.last
    assert again.text.startswith(f"Let R{MIA} ({MIA}) sell on?")
    await ada.tap(YES, again)
    await deliver()
    assert mia.last.text == "✅ You may sell on again. Your keys open the panel API as before."
    assert mia.last.labels == ["🏪 Open my desk"]
    assert (await log(ada, f"user {MIA}"))[:2] == [
        f"R{MIA} ({MIA}) let in as a reseller",
        f"R{MIA} ({MIA}) suspended as a reseller. chargebacks",
    ]
    await mia.tap("❓ Help", heard)
    assert "@sunny_support" in mia.last.text


async def test_an_older_card_says_in_the_staffs_words_that_somebody_sells_on_no_more(
    ada: Phone, shop: Shop, sells: None
) -> None:
    await ada.say("/tier gold 10")
    shown = await ada.say(f"/resellers {MIA}")
    old = {label: shown.data(label) for label in ("🏷 Tier", "⛔ Suspend")}
    await ada.tap("🏷 Tier", shown)
    old["gold"] = shown.data("gold")
    await ada.press(old["⛔ Suspend"], shown)
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=shop.time)
    told = f"R{MIA} does not sell on any more. Nothing was done; look at the card anew."
    assert (await ada.say("chargebacks")).text == told
    assert (await ada.say("and again")).text != told  # it is not asked any more
    for data in old.values():
        assert await ada.press(data, shown) == (told, True)
    async with shop.db.read() as session:
        found = await resellers.find(session, MIA)
    assert found is not None
    assert found.tier is None
    stranger = ResellerCard(user_id=4711).pack()
    assert await ada.press(stranger, shown) == ("No reseller is found by “4711”, and nobody who asked to be one.", True)


async def test_whoever_stands_otherwise_by_now_is_not_decided_about(ada: Phone, shop: Shop, sells: None) -> None:
    await ada.tap("⛔ Suspend", await ada.say(f"/resellers {MIA}"))
    asked = await ada.say("chargebacks")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=shop.time)
    await ada.tap(YES, asked)
    assert "asked anew" in ada.last.text or "Reason: chargebacks" in asked.text
    assert await log(ada, f"user {MIA}") == []


async def test_an_application_waits_in_the_list_and_is_answered_from_the_card(ada: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="mia.example", now=shop.time)
    shown = await ada.say("/resellers")
    assert shown.text.startswith("🏪 Resellers · one application waits for an answer")
    await ada.tap("⏳ Waiting", shown)
    assert shown.labels == [f"⏳ Mia · {MIA}", "‹ Back"]
    await ada.tap("⏳ Mia", shown)
    assert shown.labels[:2] == ["✅ Approve", "✖️ Refuse"]
    await ada.tap("✖️ Refuse", shown)
    async with shop.db.read() as session:
        found = await resellers.find(session, MIA)
    assert found is not None
    assert found.state == "refused"
    assert (await ada.say(f"/resellers {MIA}")).labels[0] == "✅ Let in"


async def test_several_are_a_list_and_nobody_is_said(ada: Phone, shop: Shop) -> None:
    for user_id in (2001, 2002):
        await reselling.approve(shop.db, user_id, shop.time)
    shown = await ada.say("/resellers shop.example")
    assert shown.labels == ["✅ R2002 · 2002", "✅ R2001 · 2001"]
    assert "No reseller is found by “Zoe”" in (await ada.say("/resellers Zoe")).text


async def test_who_may_only_look_is_shown_no_way_to_decide(
    shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line, sells: None
) -> None:
    await crew.hire(shop, settings)
    reader = crew.phone(dispatcher, telegram, line, Role.READER)
    shown = await reader.say(f"/resellers {MIA}")
    assert shown.labels == [f"👤 R{MIA}", "📦 Orders", "‹ Back"]
    assert "That takes the role manager" in (await reader.say("/tier gold 5")).text
