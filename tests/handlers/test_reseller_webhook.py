"""The webhook in the chat: connected by an address, its secret copied and exchanged, tested, listed, sent again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from standardwebhooks.webhooks import Webhook as Verifier

from bot.settings import Settings
from services import deliveries, resellers, webhooks
from services.models import Delivery, Model, Webhook
from services.site_posts import SitePosts
from tests.desk import OMAR
from tests.handlers.phone import Phone
from tests.reseller_site import open_sites
from tests.shop import MIA, Shop

ADDRESS = "https://mia.example.com/webhook"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Sites on this machine may be connected."""
    return settings.model_copy(update={"webhook_loopback": True})


@pytest.fixture
async def selling(shop: Shop) -> None:
    """Mia sells on."""
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="shop.example", now=shop.time)
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=shop.time)


async def connected(phone: Phone, address: str = ADDRESS) -> str:
    """Mia's site is connected in the chat; its secret, as she reads it there."""
    await phone.say("/reseller")
    await phone.tap("🔗 Webhook")
    await phone.tap("➕ Connect my site")
    await phone.say(address)
    return await secret_shown(phone)


async def secret_shown(phone: Phone) -> str:
    await phone.tap("🔑 Show the secret")
    shown = phone.saying("The secret of your webhook")
    secret = next(line for line in shown.text.splitlines() if line.startswith("whsec_"))
    await phone.tap("🗑 Saved: remove it here")
    return secret


async def site(shop: Shop, user_id: int = MIA) -> webhooks.Site | None:
    async with shop.db.read() as session:
        return await webhooks.find(session, user_id, shop.time)


async def test_a_site_is_connected_by_its_address_and_the_secret_is_copied(
    selling: None, mia: Phone, shop: Shop
) -> None:
    await mia.say("/reseller")
    await mia.tap("🔗 Webhook")
    assert "No site is connected yet" in mia.last.text
    assert mia.last.labels == ["➕ Connect my site", "‹ Back"]
    await mia.tap("➕ Connect my site")
    assert "must begin with https://" in (await mia.say("http://mia.example.com")).text
    assert "not one of the public internet" in (await mia.say("https://shop.local/webhook")).text
    shown = await mia.say(f" {ADDRESS} ")
    assert "Connected. Now copy the secret into your site" in shown.text
    assert ADDRESS in shown.text
    await mia.tap("🔑 Show the secret")
    shown = mia.saying("The secret of your webhook")
    async with shop.db.read() as session:
        secret = await webhooks.secret(session, MIA)
    assert secret in shown.text
    assert shown.keyboard is not None
    [[copying]] = shown.keyboard.inline_keyboard
    assert copying.copy_text is not None
    assert copying.copy_text.text == secret
    assert await mia.tap("🗑 Saved: remove it here") == ("Removed from this chat.", False)
    assert secret not in "".join(each.text for each in mia.messages)
    assert "Messages are sent." in mia.last.text
    await mia.tap("‹ Back")
    assert "🔗 Webhook: on" in mia.last.text


async def test_the_secret_is_written_nowhere_but_where_it_signs(selling: None, mia: Phone, shop: Shop) -> None:
    secret = await connected(mia)
    async with shop.db.read() as session:
        for table in Model.metadata.sorted_tables:
            if table.name != Webhook.__tablename__:
                rows = await session.all(select(table))
                assert secret not in json.dumps([[str(value) for value in row] for row in rows]), table.name


async def test_another_address_keeps_the_secret(selling: None, mia: Phone, shop: Shop) -> None:
    secret = await connected(mia)
    await mia.tap("✏️ Other address")
    shown = await mia.say("https://two.example.com/")
    assert "The secret is the same as before" in shown.text
    assert "two.example.com" in shown.text
    assert await secret_shown(mia) == secret


async def test_a_command_or_a_tap_leaves_the_question_for_the_address(selling: None, mia: Phone, shop: Shop) -> None:
    await connected(mia)
    await mia.tap("✏️ Other address")
    await mia.tap("‹ Back")
    await mia.say("https://two.example.com/")
    known = await site(shop)
    assert known is not None
    assert known.url == ADDRESS


async def test_a_new_secret_is_asked_for_twice_and_the_old_one_signs_for_a_day(
    selling: None, mia: Phone, shop: Shop
) -> None:
    old = await connected(mia)
    await mia.tap("🔄 New secret")
    assert "For 24 hours messages carry both signatures" in mia.last.text
    await mia.tap("🔄 Yes, a new secret")
    assert "The old secret signs beside the new one for 24 hours" in mia.last.text
    assert old not in mia.saying("The secret of your webhook").text
    await mia.tap("🗑 Saved: remove it here")
    assert "The old secret signs beside the new one until" in mia.last.text
    shop.wait(hours=25)
    await mia.say("/reseller")
    await mia.tap("🔗 Webhook")
    assert "The old secret" not in mia.last.text


async def test_a_test_message_is_sent_and_what_the_site_answered_is_shown(
    selling: None, mia: Phone, shop: Shop
) -> None:
    """A site on this machine, which the setting for development allows."""
    async with open_sites() as sites:
        secret = await connected(mia, f"{sites.url}/mia")
        await mia.tap("📨 Send a test")
        assert "webhook.test" in mia.last.text
        assert "Next try" in mia.last.text
        posts = SitePosts(loopback=True, deadline=2.0)
        await deliveries.work(shop.db, posts, lambda: datetime.now(UTC))
        await mia.tap("🔄 Refresh")
        assert "Your site took it" in mia.last.text
        assert "Last answer: HTTP 200" in mia.last.text
        assert "This is a test." in mia.last.text
        [(headers, body)] = sites.heard["/mia"]
        Verifier(secret).verify(body, headers)
        await mia.tap("🔁 Send again")
        assert "Next try" in mia.last.text
        await deliveries.work(shop.db, posts, lambda: datetime.now(UTC))
        await posts.close()
        assert sites.ids("/mia") == [headers["webhook-id"]] * 2


async def written(shop: Shop, count: int, user_id: int = MIA) -> None:
    """So many messages to the site, each given up."""
    rows = [
        {
            "key": f"msg_{user_id}_{number}",
            "user_id": user_id,
            "order_id": None,
            "kind": "order.partial",
            "body": json.dumps({"number": number, "text": "<&>" * 1000}),
            "state": "failed",
            "tries": 10,
            "answer": "503",
            "due_at": shop.time,
            "done_at": shop.time,
            "created_at": shop.time,
        }
        for number in range(count)
    ]
    async with shop.db.write() as session:
        await session.run(insert(Delivery), rows)


async def kinds(shop: Shop) -> list[str]:
    async with shop.db.read() as session:
        return [each.kind for each in await webhooks.messages(session, MIA, limit=9)]


async def test_messages_are_paged_and_one_that_was_given_up_is_sent_again(
    selling: None, mia: Phone, shop: Shop
) -> None:
    await connected(mia)
    await mia.tap("📜 Messages")
    assert "Nothing was sent yet" in mia.last.text
    await written(shop, 17)
    shop.wait(hours=2)
    await mia.tap("‹ Back")
    assert "0 taken, 17 given up · waiting: 0" in mia.last.text
    await mia.tap("📜 Messages")
    assert mia.last.labels == ["❌ order.partial · 2 hr ago"] * 8 + ["Older ›", "‹ Back"]
    await mia.tap("Older ›")
    await mia.tap("Older ›")
    assert len(mia.last.labels) == 3
    await mia.tap("❌ order.partial")
    assert f"msg_{MIA}_0" in mia.last.text
    assert "Given up" in mia.last.text
    assert "Last answer: HTTP 503" in mia.last.text
    again, shown = mia.last.data("🔁 Send again"), mia.last
    assert await mia.tap("🔁 Send again") == ("On its way, under the same id.", False)
    assert "Next try" in mia.last.text
    assert mia.last.labels == ["🔄 Refresh", "🔁 Send again", "‹ Back"], "whoever mended their site need not wait"
    await mia.press(again, shown)
    async with shop.db.write() as session:
        await session.run(update(Delivery).values(lease_until=shop.now() + timedelta(seconds=9)))
    said, _ = await mia.press(again, shown)
    assert said is not None
    assert "on its way already" in said


async def test_nobody_reads_or_sends_what_is_for_another_site(
    selling: None, mia: Phone, omar: Phone, shop: Shop
) -> None:
    await connected(mia)
    async with shop.db.write() as session:
        await resellers.apply(session, OMAR, about="omar.example", now=shop.time)
        await resellers.decide(session, OMAR, state="approved", actor="admin:1", now=shop.time)
        await webhooks.connect(session, OMAR, "https://omar.example.com/webhook", now=shop.time)
    await written(shop, 1, OMAR)
    async with shop.db.read() as session:
        [foreign] = await webhooks.messages(session, OMAR, limit=1)
    for again in (0, 1):
        said, _ = await mia.press(f"rm2:{foreign.id}:{again}", mia.last)
        assert said is not None
        assert "was forgotten" in said
    async with shop.db.read() as session:
        [untouched] = await webhooks.messages(session, OMAR, limit=1)
    assert untouched == foreign


async def test_messages_are_turned_off_and_on_and_a_site_that_fails_is_told(
    selling: None, mia: Phone, shop: Shop
) -> None:
    await connected(mia)
    async with shop.db.write() as session:
        await session.run(update(Webhook).values(failing_since=shop.time))
    await mia.say("/reseller")
    await mia.tap("🔗 Webhook")
    assert "does not take the messages" in mia.last.text
    assert await mia.tap("⏸ Turn off") == ("No more messages.", False)
    assert "Messages are turned off" in mia.last.text
    assert "📨 Send a test" not in mia.last.labels
    said, _ = await mia.press("rw2:ping", mia.last)
    assert said is not None
    assert "turned off" in said
    assert await kinds(shop) == []
    assert await mia.tap("▶️ Turn on") == ("Messages are sent from now on.", False)
    assert "Messages are sent." in mia.last.text
    assert await kinds(shop) == ["service.changed"], "the site is told the prices that it missed"
    await mia.press("rw2:on", mia.last)
    assert await kinds(shop) == ["service.changed"], "and misses none by a second tap"
    async with shop.db.write() as session:
        await session.run(update(Webhook).values(state="gone"))
    await mia.say("/reseller")
    await mia.tap("🔗 Webhook")
    assert "wants no more messages" in mia.last.text
    assert "▶️ Turn on" in mia.last.labels
    await mia.tap("✏️ Other address")
    await mia.say("https://two.example.com/")
    assert await kinds(shop) == ["service.changed"] * 2, "at another address, too"


async def test_a_site_is_disconnected_once_that_is_meant(selling: None, mia: Phone, shop: Shop) -> None:
    await connected(mia)
    await mia.tap("✖️ Disconnect")
    assert "It hears of nothing more" in mia.last.text
    assert await site(shop) is not None
    assert await mia.tap("✖️ Yes, disconnect") == ("Disconnected.", False)
    assert "No site is connected yet" in mia.last.text
    assert await site(shop) is None
    for data in ("rw2:rotate", "rw2:fresh", "rw2:secret", "rw2:ping", "rw2:off", "rw2:sure"):
        said, _ = await mia.press(data, mia.last)
        assert said is not None, data
        assert "No site is connected yet" in said, data
