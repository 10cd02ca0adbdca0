"""After a backup was brought back: staff see what is to be compared, and one owner's two taps end it, once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiogram import Bot, Dispatcher
from pydantic import SecretStr
from sqlalchemy import insert

from bot.settings import ProviderSettings, Settings
from services import actions, restoring, staff
from services.models import Backup, ProviderBalance
from services.money import Money
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone
from tests.shop import ADMIN, Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def settings() -> Settings:
    """A shop with both providers."""
    panel = ProviderSettings(url="http://127.0.0.1:9/api", key=SecretStr("scripted"))
    providers = {"north": panel, "south": panel}
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN}), providers=providers)


async def brought_back(shop: Shop) -> None:
    """The shop of now, three hours later, as a copy of now would be then."""
    made = {"key": "tap", "asked_by": "shell", "at": shop.time, "state": "making", "detail": {}}
    async with shop.db.write() as session:
        held = {"provider": "north", "at": shop.time, "balance": Money.parse("100")}
        await session.run(insert(ProviderBalance), [held])
        await session.run(insert(Backup), [made])
    shop.time += timedelta(hours=3)
    async with shop.db.write() as session:
        await session.run(restoring.opening("shop.sealed", shop.time))
        policy = await staff.informed(session, shop.policy)
        await restoring.settle(session, policy=policy, now=shop.time)
        held = {"provider": "north", "at": shop.time, "balance": Money.parse("92")}
        await session.run(insert(ProviderBalance), [held])


async def test_from_the_alert_to_the_end_of_comparing(
    ada: Phone, mia: Phone, shop: Shop, settings: Settings, line: Line, deliver: Deliver
) -> None:
    await crew.hire(shop, settings)
    await shop.placed()
    waiting = await shop.buy(500, link="https://www.instagram.com/p/other")
    await brought_back(shop)
    await deliver()
    [alert] = [shown for shown in ada.messages if "brought back from a backup" in shown.text]
    assert alert.text.startswith("🚨 The shop was brought back from a backup")
    assert "north: 1 in doubt" in alert.text
    await ada.tap("What is to be compared", alert)
    assert ada.last.text == (
        "🧩 Not compared yet\n"
        "Brought back May 4, 2026, 15:00 UTC, from the backup of May 4, 2026, 12:00 UTC. "
        "Nothing is sent to any provider meanwhile.\n"
        "\n"
        "north: look through its orders from May 4, 2026, 12:00 to May 4, 2026, 15:00 UTC. "
        "Those are not known here.\n"
        "One of our orders may be there: it is decided under its own alert.\n"
        "The last one known here is 1.\n"
        "Balance: 100.00 then, 92.00 now\n"
        "\n"
        "south: look through its orders from May 4, 2026, 12:00 to May 4, 2026, 15:00 UTC. "
        "Those are not known here.\n"
        "None of our orders is in doubt there."
    )
    screen = ada.last
    assert "🔴 May 4, 2026, 15:00 UTC, a backup that was brought back: " in (await ada.say("/sales")).text
    await ada.tap("All is compared: go on", screen)
    assert "One order is still in doubt: its money stays held until it is decided." in ada.last.text
    assert await shop.submit() == 0
    await ada.tap("✅ Do it")
    assert ada.last.text.startswith("✅ All is compared.")
    assert (await shop.order(waiting)).status == "unknown"
    assert "🟢 Sales are on" in (await ada.say("/sales")).text
    await deliver()
    manager = line.chats.messages[crew.IDS[Role.MANAGER]]
    assert manager[-1].text.startswith("🚨 All is compared: the shop sends and sells again")
    assert "🚨 All is compared" not in "".join(shown.text for shown in mia.messages)
    async with shop.db.read() as session:
        assert "compared" in [done.code for done in await actions.history(session, limit=9)]
    await ada.tap("All is compared: go on", screen)
    assert screen.text == "✅ All is compared. Nothing is held back any more."


async def test_once_it_is_over_the_old_buttons_say_so(ada: Phone, shop: Shop, deliver: Deliver) -> None:
    await brought_back(shop)
    await deliver()
    alert = ada.last
    async with shop.db.write() as session:
        await restoring.finish(session, actor="shell", key="1", by="shell", others=[], now=shop.time)
    await ada.tap("What is to be compared", alert)
    assert ada.last.text == "✅ All is compared. Nothing is held back any more."


async def test_only_an_owner_ends_it(
    shop: Shop, settings: Settings, deliver: Deliver, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    await crew.hire(shop, settings)
    await brought_back(shop)
    await deliver()
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    await manager.tap("What is to be compared")
    said, _ = await manager.tap("All is compared: go on")
    assert said == "That takes the role owner or higher. Please ask an owner of the shop."


async def test_whoever_would_cancel_at_a_provider_meanwhile_reads_why_it_waits(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    asked = await ada.say("/cancel 1")
    await brought_back(shop)
    held = "nothing is sent to any provider before an owner says that all is compared"
    assert held in (await ada.say("/cancel 1")).text
    await ada.tap("Ask north to cancel", asked)
    assert held in asked.text, "a question of before asks nobody either"
    assert not [call for call in shop.north.asked if call["action"] == "cancel"]
