"""The story of selling on: from the provider's count to the balance of a reseller's customer, and nobody's hand."""

import re
from typing import Any

from sqlalchemy import select

from bot.sandbox.panel import story_link
from bot.sandbox.person import Message, Person, visible
from bot.sandbox.stage import Broken, Stage
from bot.sandbox.stories.plain import accepted, killed_here
from bot.sandbox.world import RESELLER
from services.models import Delivery

KEY = re.compile(r"psk_[A-Za-z0-9_-]{20,}")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{20,}")


async def reseller(stage: Stage) -> None:
    """Rhea sells 10,000 for $15.00 on her site: 6,000 come, she has $4.00 back and her customer $6.00, by itself."""
    rhea, site = stage.people[RESELLER], stage.world.site
    await stage.say(stage.ada, "/start")
    await _approved(stage, rhea)
    await _settings(stage, key=await _key(stage, rhea))
    await _settings(stage, secret=await _connected(stage, rhea))
    await _tested(stage, rhea)
    sale = await _bought(stage)
    stage.check(sale["state"] == "placed" and sale["price"] == "15.00", "Nora buys 10,000 for $15.00")
    stage.check(await stage.holds(rhea, "15.00"), "Rhea's wallet paid $10.00 for it")
    site.closed = True
    await stage.until(
        lambda: stage.holds(rhea, "19.00"), "the server stops after 6,000: $4.00 is back in Rhea's wallet"
    )
    await stage.until(lambda: _tried(stage), "the message about it was tried, and waits: her site is away")
    stage.check(await _nora(stage) == "10.00", "so Nora still has $10.00")
    await killed_here(stage, "between the refund and its message")
    site.closed = False
    await stage.until(lambda: _credited(stage, "6.00"), "the message came, and was signed: $6.00 is credited to Nora")
    stage.check(await _nora(stage) == "16.00", "Nora has $16.00: $25.00 less $9.00 for the 6,000 that came")
    [shown] = (await _state(stage))["sales"]
    told = shown["told"]
    stage.check(
        (told["status"], told["delivered"], told["remains"]) == ("Partial", 6000, 4000), "6,000 of 10,000, Partial"
    )
    stage.check((told["refunded"], told["kept"]) == ("4", "6"), "the message names Rhea's $4.00 as well")
    ends = [each for each in (await _state(stage))["log"] if each["kind"] == "order.partial"]
    stage.check([each["mark"] for each in ends if each["mark"] != "repeated"] == ["verified"], "it counted once")
    stage.check(await stage.holds(rhea, "19.00"), "Rhea's wallet holds $19.00")
    stage.check(accepted(stage) == [("north", "10000")], "the server took one order")
    await stage.audit()


async def _approved(stage: Stage, rhea: Person) -> None:
    """Rhea applies, and Ada lets her sell on with one tap."""
    await stage.say(rhea, "/reseller")
    await stage.tap(rhea, "Apply", await rhea.reads("Sell our services on your own site"))
    await rhea.reads("Where do you sell")
    await stage.say(rhea, "On rheas-boosts.example: likes and followers, some 50 orders a day.")
    asked = await stage.ada.reads("wants to sell on")
    await stage.tap(stage.ada, "Approve", asked)
    welcome = await rhea.reads("you may sell on now")
    await stage.tap(rhea, "Open my desk", welcome)
    desk = visible(await rhea.reads("Your reseller desk"))
    stage.check(stage.world.site.api_url in desk, "her desk names the address of the API")


async def _key(stage: Stage, rhea: Person) -> str:
    """A key, made in the chat and copied out of it."""
    await stage.tap(rhea, "Keys")
    await stage.tap(rhea, "New key")
    shown = await rhea.reads("Your new key")
    found = KEY.search(visible(shown))
    if found is None:
        raise Broken(f"no key is shown: {visible(shown)}")
    saved = await rhea.reads("Is it on your site?")
    await stage.tap(rhea, "Saved: remove it here", saved)
    await stage.until(lambda: _gone(rhea, shown), "the key is on her site, and no longer in the chat")
    return found.group()


async def _gone(rhea: Person, message: Message) -> bool:
    return all(each["message_id"] != message["message_id"] for each in await rhea.messages())


async def _connected(stage: Stage, rhea: Person) -> str:
    """The address of her site, typed into the chat; the secret that its messages are signed with, copied out of it."""
    await stage.say(rhea, "/reseller")
    await stage.tap(rhea, "Webhook", await rhea.reads("Your reseller desk"))
    await stage.tap(rhea, "Connect my site", await rhea.reads("No site is connected yet"))
    await rhea.reads("At which address")
    await stage.say(rhea, stage.world.site.address)
    card = await rhea.reads("Connected")
    await stage.tap(rhea, "Show the secret", card)
    shown = await rhea.reads("The secret of your webhook")
    found = SECRET.search(visible(shown))
    if found is None:
        raise Broken(f"no secret is shown: {visible(shown)}")
    await stage.tap(rhea, "Saved: remove it here", await rhea.reads("Is it on your site?"))
    await stage.until(lambda: _gone(rhea, shown), "the secret is on her site, and no longer in the chat")
    return found.group()


async def _tested(stage: Stage, rhea: Person) -> None:
    """A test message, that her site takes."""
    await stage.tap(rhea, "Send a test")
    await rhea.reads("webhook.test")

    async def verified() -> bool:
        return ("webhook.test", "verified") in [(each["kind"], each["mark"]) for each in (await _state(stage))["log"]]

    async def taken() -> bool:
        card = await rhea.reads("webhook.test")
        if "Your site took it" in visible(card):
            return True
        await rhea.tap("Refresh", card)
        return False

    await stage.until(verified, "her site has the test, and its signature is right")
    await stage.until(taken, "and the chat says so")


async def _tried(stage: Stage) -> bool:
    """Whether the message was sent and not taken: killed in the middle of it, the shop would wait for its lease."""
    async with stage.ledger() as db, db.read() as session:
        tried = select(Delivery.id).where(Delivery.kind == "order.partial", Delivery.answer.is_not(None))
        return await session.value(tried) is not None


async def _settings(stage: Stage, **given: str) -> None:
    """Paste something into the site's settings."""
    (await stage.http.post("/site/settings", json=given)).raise_for_status()
    stage.transcript.catch_up()
    stage.transcript.line(f"          ⌨ pasted into her site: {', '.join(given)}")


async def _bought(stage: Stage) -> dict[str, Any]:
    """Nora buys 10,000 of the worked example's likes on the site."""
    listed = (await stage.http.get("/site/services")).json()["services"]
    likes = next(row for row in listed if row["category"] == "Instagram Likes" and "Server A" in row["name"])
    stage.check(likes["price"] == "1.50", "her site sells for $1.50 what the shop sells for $1.00")
    asked = {"customer": "nora", "service": likes["service"], "link": story_link("partial-60"), "quantity": 10_000}
    answer = await stage.http.post("/site/buy", json=asked)
    answer.raise_for_status()
    sale: dict[str, Any] = answer.json()
    return sale


async def _state(stage: Stage) -> dict[str, Any]:
    state: dict[str, Any] = (await stage.http.get("/site/state")).json()
    return state


async def _nora(stage: Stage) -> str:
    return next(str(each["balance"]) for each in (await _state(stage))["customers"] if each["id"] == "nora")


async def _credited(stage: Stage, amount: str) -> bool:
    return [sale["credited"] for sale in (await _state(stage))["sales"]] == [amount]
