"""The alerts' buttons mend what they tell of; /audit tells what holds, and audits on request without waiting for it."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot import jobs
from bot.settings import Settings
from handlers import callbacks
from services import alarm, lookout
from services.audit import Breach, Invariant
from services.lookout import Sign
from services.models import Audit, Service, Switch
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Phone, Shown
from tests.shop import ADMIN, Shop

BREACH = Breach(Invariant(2, "each balance equals its transfers"), [{"account": "wallet:1001", "difference": "1.00"}])
OTHER = 9002
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def settings() -> Settings:
    """A shop with two admins."""
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN, OTHER}))


async def warned(shop: Shop, deliver: Deliver, ada: Phone, *signs: Sign) -> Shown:
    """The alert as it came."""
    async with shop.db.write() as session:
        await lookout.report(session, signs, (ADMIN,), shop.time)
    await deliver()
    return ada.last


async def test_a_wave_is_ended_with_one_tap_and_the_second_changes_nothing(
    shop: Shop, deliver: Deliver, ada: Phone
) -> None:
    service_id = await shop.service()
    sign = Sign(f"wave:{service_id}", "partial-wave", {"service": "Likes"}, services=(service_id,))
    alert = await warned(shop, deliver, ada, sign)
    assert alert.text.startswith("🚨 A service stops early, again and again\nCustomers get back what is missing.")
    assert alert.labels == ["⛔️ Stop selling it", f"Service #{service_id}"]
    assert alert.style("⛔️") == "danger"
    tap = alert.data("⛔️ Stop selling it")
    assert await ada.press(tap, alert) == (None, False)
    assert ada.last.text == f"⛔️ Service #{service_id} is hidden and sold no more. Orders under way go on."
    assert alert.labels == [f"Service #{service_id}"]
    said, loudly = await ada.press(tap, alert)
    assert (said, loudly) == ("It is not on sale any more. Nothing was changed.", True)
    await shop.stock("north")
    async with shop.db.read() as session:
        assert await session.value(select(Service.on_sale).where(Service.id == service_id)) is False, "a sync leaves it"
    log = (await ada.say(f"/log service {service_id}")).text
    assert log.count(f"service {service_id}: ") == 1


@pytest.mark.parametrize(
    "code", ["balance-low", "provider-down", "statuses-mute", "key-refused", "outbox-late", "job-late"]
)
async def test_every_other_warning_leads_to_the_glance(shop: Shop, deliver: Deliver, ada: Phone, code: str) -> None:
    alert = await warned(shop, deliver, ada, Sign("x:y", code, {"provider": "north"}, site="https://north.example/"))
    assert alert.text.splitlines()[0] != f"🚨 {code}"
    assert alert.text.splitlines()[1]
    assert alert.labels == ["Open the panel", "📊 Today at a glance"]
    await ada.tap("📊 Today at a glance")
    assert "This needs you" in ada.last.text
    assert ada.last is not alert


async def breached(shop: Shop) -> None:
    async with shop.db.write() as session:
        await alarm.record(session, [BREACH], (ADMIN,), shop.time)


async def on(shop: Shop) -> list[bool]:
    async with shop.db.read() as session:
        return list(await session.values(select(Switch.is_on).order_by(Switch.id)))


async def test_sales_go_on_from_under_the_alert_once_that_is_confirmed(
    shop: Shop, deliver: Deliver, ada: Phone
) -> None:
    await breached(shop)
    await deliver()
    assert ada.last.labels == ["▶️ Let sales go on", "🔎 Audit now"]
    await ada.tap("▶️")
    asked = ada.last
    assert asked.text == "Let sales go on? They were stopped: 2: each balance equals its transfers"
    assert await on(shop) == [False]
    await ada.tap("✅ Do it")
    assert "🟢 Sales go on. Owners and managers are told.\n⚠️ The last audit found something broken." in asked.text
    assert await on(shop) == [False, True]
    told = await shop.heard(OTHER)
    assert [(one.code, one.facts["reason"]) for one in told] == [  # type: ignore[union-attr]
        ("sales-opened", "looked into: 2: each balance equals its transfers")
    ]
    assert (await ada.press(callbacks.SellAgain().pack(), asked)) == (
        "Sales are on already. Nothing was changed.",
        True,
    )


async def test_sales_that_somebody_else_let_go_on_meanwhile_are_not_turned_again(
    shop: Shop, deliver: Deliver, ada: Phone
) -> None:
    await shop.sell(on=False)
    await ada.press(callbacks.SellAgain().pack(), None)
    await shop.sell(on=True)
    await ada.tap("✅ Do it")
    assert "Sales are on already." in ada.last.text
    assert await on(shop) == [False, True]


def at_work(shop: Shop, settings: Settings) -> jobs.Shop:
    clock = jobs.Clock(shop.now)
    return jobs.Shop(shop.db, settings, shop.policy, shop.clients, "me", shop.now, lambda: None, clock)


async def test_an_audit_on_request_answers_in_place_and_holds_nobody_up(
    shop: Shop, settings: Settings, deliver: Deliver, ada: Phone
) -> None:
    shown = await ada.say("/audit")
    assert (shown.text, shown.labels) == ("The books have not been audited yet.", ["🔎 Audit now"])
    woken: list[bool] = []
    shop.db.subscribe("audit", lambda: woken.append(True))
    await ada.tap("🔎 Audit now")
    assert shown.text == "⏳ The audit is under way. Its verdict comes here."
    assert woken == [True]
    assert (await ada.say("/wallet")).text
    async with shop.db.read() as session:
        assert await session.value(select(Audit.id)) is None
    await jobs.examine_asked(at_work(shop, settings))
    await deliver()
    assert shown.text == "🟢 Everything holds\nAudited May 4, 2026, 12:00 UTC."
    assert shown.labels == ["🔎 Audit now"]
    assert "had the books audited" in (await ada.say("/log")).text
    assert (await ada.say("/audit")).text == shown.text


async def test_what_is_broken_is_told_by_name(shop: Shop, ada: Phone) -> None:
    await breached(shop)
    assert (await ada.say("/audit")).text.splitlines() == [
        "🔴 One thing is broken",
        "Audited May 4, 2026, 12:00 UTC.",
        "",
        "• 2: each balance equals its transfers",
        "",
        "python -m bot audit names every broken row.",
    ]


async def test_a_message_too_old_to_be_seen_is_answered_in_a_new_one(
    shop: Shop, settings: Settings, deliver: Deliver, ada: Phone
) -> None:
    shown = await ada.say("/audit")
    await ada.press(shown.data("🔎 Audit now"), shown, gone=True)
    await jobs.examine_asked(at_work(shop, settings))
    await deliver()
    assert ada.last.text.startswith("🟢 Everything holds")
    assert ada.last is not shown
