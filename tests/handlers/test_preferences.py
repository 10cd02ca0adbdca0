"""The settings of a person: quiet hours by a clock that they only have to read off."""

from datetime import timedelta

from handlers.customer.preferences import OFFSETS
from services import users
from services.quiet import QuietHours
from tests.handlers.phone import Phone
from tests.shop import MIA, Shop


async def kept(shop: Shop, user_id: int = MIA) -> QuietHours:
    async with shop.db.read() as session:
        return await users.quiet_hours(session, user_id)


async def test_quiet_hours_are_off_until_they_are_chosen(mia: Phone, shop: Shop) -> None:
    await mia.say("/start")
    await mia.tap("⚙️ Settings")
    assert mia.last.text.splitlines()[:3] == ["Settings", "", "🌙 Quiet hours: off"]
    assert "Your clock" not in mia.last.text
    assert mia.last.labels == ["🌙 Choose quiet hours", "🔕 No news", "🏠 Menu"]
    assert await kept(shop) == QuietHours()


async def test_the_clock_is_asked_for_once_then_from_when_then_until_when(mia: Phone, shop: Shop) -> None:
    shown = await mia.say("/settings")
    await mia.tap("🌙 Choose quiet hours")
    assert "What does your clock show now?" in shown.text
    assert "15:00" in shown.labels, "it is 12:00 in UTC"
    await mia.tap("15:00")
    assert await kept(shop) == QuietHours(offset=180)
    assert shown.labels[:2] == ["00:00", "01:00"]
    await mia.tap("22:00")
    assert "Quiet from 22:00. Until when?" in shown.text
    assert shown.labels[:2] == ["23:00", "00:00"]
    assert "22:00" not in shown.labels, "a whole day is no hours"
    assert await mia.tap("08:00") == ("Quiet from 22:00 to 08:00.", False)
    assert await kept(shop) == QuietHours(22, 8, 180)
    assert "🌙 Quiet hours: 22:00 to 08:00" in shown.text
    assert "🕒 Your clock: 15:00" in shown.text
    await mia.tap("🌙 Choose quiet hours")
    assert "From when shall it be quiet?" in shown.text, "the clock is known"


async def test_the_clock_can_be_set_again_when_clocks_change(mia: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await users.choose_quiet(session, MIA, QuietHours(22, 8, 180))
    shown = await mia.say("/settings")
    await mia.tap("🕒 Set my clock")
    assert await mia.tap("14:00") == ("Your clock shows 14:00.", False)
    assert await kept(shop) == QuietHours(22, 8, 120)
    assert "🌙 Quiet hours: 22:00 to 08:00" in shown.text


async def test_turning_off_keeps_the_clock_and_touches_nobody_else(mia: Phone, omar: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        for user_id in (MIA, 1002):
            await users.choose_quiet(session, user_id, QuietHours(22, 8, 180))
    shown = await mia.say("/settings")
    assert await mia.tap("🔔 Turn off") == ("Quiet hours are off.", False)
    assert await kept(shop) == QuietHours(offset=180)
    assert await kept(shop, 1002) == QuietHours(22, 8, 180)
    assert shown.labels == ["🌙 Choose quiet hours", "🕒 Set my clock", "🔕 No news", "🏠 Menu"]


async def test_every_way_out_of_a_question_leads_back(mia: Phone, shop: Shop) -> None:
    shown = await mia.say("/settings")
    await mia.tap("🌙 Choose quiet hours")
    await mia.tap("‹ Back")
    assert shown.text.startswith("Settings")
    assert await kept(shop) == QuietHours()


async def test_the_clocks_are_all_there_are_each_once(mia: Phone, shop: Shop) -> None:
    """Whole hours all round the day, and the places that are half an hour or a quarter off."""
    shop.time += timedelta(minutes=7)
    shown = await mia.say("/settings")
    await mia.tap("🌙 Choose quiet hours")
    times = shown.labels[:-1]
    assert times == sorted(set(times))
    assert len(times) == len(OFFSETS) == 35
    assert {f"{hour:02}:07" for hour in range(24)} < set(times)
    assert {"17:37", "17:52", "15:37", "08:37"} < set(times), "Delhi, Kathmandu, Tehran and Newfoundland"
