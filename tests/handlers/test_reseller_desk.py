"""The desk of a reseller: at a glance, prices, statement, notices and usage."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from services import api_keys, orders, panel_words, quotes, resellers, tiers
from services.models import ApiUse, Resale
from services.money import Money
from tests.handlers.phone import Phone
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop


@pytest.fixture
async def selling(shop: Shop) -> None:
    """Mia sells on, in a tier with 10 % off."""
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="shop.example", now=shop.time)
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=shop.time)


async def resold(shop: Shop, quantity: int = 1000, reference: str | None = "A-17") -> int:
    """An order that Mia's site made, at the provider."""
    async with shop.db.write() as session:
        made = await api_keys.make(session, MIA, shop.time)
        quote = await quotes.quote(
            session,
            user_id=MIA,
            service_id=await shop.service(),
            link=LINK,
            quantity=quantity,
            now=shop.time,
            by_api=True,
        )
        placed = await orders.place(session, user_id=MIA, token=quote.token, now=shop.time)
        row = {
            "order_id": placed.order.id,
            "user_id": MIA,
            "key_id": made.key.id,
            "digest": "d",
            "reference": reference,
            "created_at": shop.time,
        }
        await session.run(insert(Resale), [row])
    await shop.submit()
    return placed.order.id


async def test_everything_is_seen_at_a_glance(selling: None, mia: Phone, shop: Shop) -> None:
    await resold(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        await session.run(
            insert(ApiUse),
            [{"user_id": MIA, "day": "2026-05-04", "action": "status", "calls": 40, "refused": 2}],
        )
    told = (await mia.say("/reseller")).text
    for words in (
        "Balance: $19.00",
        "No tier: the shop's prices",
        "🔑 1 key",
        "🔗 No webhook",
        "🔔 Partial and Canceled only, in this chat",
        "Today: orders: 1, $10.00",
        "Completed: 0 · Partial: 1 · Canceled: 0",
        "Back in your wallet: $4.00",
        "API calls: 40, refused: 2",
        "API: http://127.0.0.1:8080/api/v2",
    ):
        assert words in told, words


async def test_help_says_how_a_site_is_connected(selling: None, mia: Phone) -> None:
    await mia.say("/reseller")
    await mia.tap("❓ Help")
    assert "Connect your site in five minutes" in mia.last.text
    assert "http://127.0.0.1:8080/api/v2" in mia.last.text
    await mia.tap("‹ Back")
    assert "Your reseller desk" in mia.last.text


async def test_the_price_list_holds_their_rates_and_what_they_sell_for(selling: None, mia: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await tiers.set_tier(session, "gold", Decimal(10), actor="admin:1", now=shop.time)
        await resellers.set_tier(session, MIA, "gold")
    assert "Tier gold: 10 % off for orders of your site" in (await mia.say("/reseller")).text
    await mia.tap("🏷 Prices")
    assert "For orders of your site you pay 10 % less than the shop's prices" in mia.last.text
    await mia.tap("✏️ Change my markup")
    assert "is not a percentage from 0 to 1000" in (await mia.say("1000.5")).text
    assert "is not a percentage from 0 to 1000" in (await mia.say("half")).text
    assert "Your markup: 62.5 %" in (await mia.say("62.5%")).text
    await mia.tap("📄 CSV")
    assert mia.last.file is not None
    rows = list(csv.DictReader(io.StringIO(mia.last.file.decode("utf-8-sig"))))
    service_id = await shop.service()
    first = next(each for each in rows if each["service"] == str(service_id))
    assert (first["rate"], first["retail"], first["min"], first["max"]) == ("9.00", "14.625", "50", "100000")
    await mia.tap("📄 JSON", mia.saying("Your markup"))
    assert mia.last.file is not None
    document = json.loads(mia.last.file)
    assert document["currency"] == "USD"
    assert document["markup_percent"] == "62.5"
    assert [str(each["service"]) for each in document["services"]] == [each["service"] for each in rows]
    listed = next(each for each in document["services"] if each["service"] == service_id)
    assert (listed["rate"], listed["retail"], listed["refill"]) == ("9", "14.625", True)
    async with shop.db.read() as session:
        rate = await tiers.rate(session, MIA, await shop.service())
    assert panel_words.amount(rate) == listed["rate"]


async def test_the_statement_carries_their_own_references(selling: None, mia: Phone, shop: Shop) -> None:
    shop.wait(seconds=1)
    order_id = await resold(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await mia.say("/reseller")
    await mia.tap("🧾 Statement")
    await mia.tap("Today")
    assert mia.last.text == "3 movements, May 4, 2026 to May 4, 2026 (UTC)"
    assert mia.last.file_name == "statement-2026-05-04-2026-05-04.csv"
    assert mia.last.file is not None
    rows = list(csv.DictReader(io.StringIO(mia.last.file.decode("utf-8-sig"))))
    told = [(each["what"], each["amount"], each["order"], each["reference"]) for each in rows]
    assert told == [
        ("credit", "25.00", "", ""),
        ("hold", "-10.00", str(order_id), "A-17"),
        ("refund", "4.00", str(order_id), "A-17"),
    ]
    await mia.tap("Yesterday")
    assert mia.last.text == "0 movements, May 3, 2026 to May 3, 2026 (UTC)"


async def test_what_is_heard_is_chosen_by_a_tap(selling: None, mia: Phone, shop: Shop) -> None:
    await mia.say("/reseller")
    await mia.tap("🔔 Notices")
    shown = mia.last
    assert "You hear: Partial and Canceled only" in shown.text
    assert "In this chat, until you add a group" in shown.text
    await mia.tap("○ Every change", shown)
    assert "You hear: every change" in shown.text
    await mia.tap("○ Once a day", shown)
    assert "You hear: a summary once a day" in shown.text
    assert shown.keyboard is not None
    links = [button.url for line in shown.keyboard.inline_keyboard for button in line if button.url]
    assert links == ["https://t.me/sunny_bot?startgroup=reseller"]


async def test_a_low_balance_is_typed_and_taken_away_by_a_tap(selling: None, mia: Phone, shop: Shop) -> None:
    await mia.say("/reseller")
    await mia.tap("🔔 Notices")
    await mia.tap("🪫 Low balance")
    for typed in ("-5", "1,000"):
        assert "is not an amount above zero" in (await mia.say(typed)).text
    shown = await mia.say("50")
    assert "You are warned when your wallet falls below $50.00." in shown.text
    async with shop.db.read() as session:
        assert (await resellers.require(session, MIA)).low_balance == Money.parse("50")
    await mia.tap("🪫 No warning", shown)
    assert "No warning for a low balance" in shown.text
    async with shop.db.read() as session:
        assert (await resellers.require(session, MIA)).low_balance is None


async def test_who_is_suspended_while_asked_something_is_told_once(selling: None, mia: Phone, shop: Shop) -> None:
    await mia.say("/reseller")
    await mia.tap("🔔 Notices")
    await mia.tap("🪫 Low balance")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=shop.time)
    refused = "Your reseller account is suspended. Write to support."
    assert (await mia.say("50")).text == refused
    assert (await mia.say("hello")).text != refused


async def test_a_group_is_dropped_by_a_tap(selling: None, mia: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.add_chat(session, MIA, chat_id=-100123, title="Team <1>", now=shop.time)
    await mia.say("/reseller")
    assert "in one group" in mia.last.text
    await mia.tap("🔔 Notices")
    assert "• Team <1>" in mia.last.text
    await mia.tap("✖️ Team <1>")
    assert "In this chat, until you add a group" in mia.last.text


async def test_usage_of_today_and_of_seven_days(selling: None, mia: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, 1002, about="other.example", now=shop.time)
        await session.run(
            insert(ApiUse),
            [
                {"user_id": MIA, "day": "2026-05-04", "action": "status", "calls": 40, "refused": 2},
                {"user_id": MIA, "day": "2026-04-28", "action": "add", "calls": 7, "refused": 0},
                {"user_id": MIA, "day": "2026-04-27", "action": "add", "calls": 90, "refused": 0},
                {"user_id": 1002, "day": "2026-05-04", "action": "balance", "calls": 5, "refused": 5},
            ],
        )
    shop.time -= timedelta(days=3)
    await resold(shop)
    shop.time += timedelta(days=3)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await mia.say("/reseller")
    await mia.tap("📈 Usage")
    told = mia.last.text
    assert "Orders: 0, $0.00" in told
    assert "Stopped half-way: 100 % of those that ended" in told
    assert "status: 40, refused: 2" in told
    assert "add" not in told
    await mia.tap("7 days")
    told = mia.last.text
    assert "Orders: 1, $10.00" in told
    assert "add: 7, refused: 0" in told
    assert "balance" not in told
