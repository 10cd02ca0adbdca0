"""Stories of running the shop from the chat: an admin's day, and orders that nobody is sure about."""

from sqlalchemy import select

from bot.sandbox.panel import story_link
from bot.sandbox.person import Message, visible
from bot.sandbox.stage import Stage
from bot.sandbox.world import RESELLER
from services.models import Service

NEWS = "Servers A and B are back. Thank you for waiting!"


async def admin_day(stage: Stage) -> None:
    """Ada's day: a glance, a price, a server that would lose money and its mending, a credit, a message to all."""
    ada, mia = stage.ada, stage.mia
    await stage.say(ada, "/start")
    await stage.ordered(mia, "partial-60", "10000")
    await mia.reads("stopped early\n")
    glance = visible(await _answer(stage, "/stats", "Today"))
    stage.check("Everything is all right" in glance, "the morning's glance: all is well")
    stage.check("Revenue $6.00" in glance and "Refunds $4.00" in glance, "$6.00 kept, $4.00 given back")
    likes = await _service(stage, "A")
    await _answer(stage, f"/price {likes} 1.10", "$1.00 → $1.10")
    quote = await stage.quoted(stage.people[RESELLER], story_link("complete"), "1000")
    stage.check("$1.10" in visible(quote), "the next customer is quoted the new price")
    await stage.restock({"A": {"rate": "1.20"}})
    alert = await ada.reads("A panel asks more than our own price")
    stage.check(not await _sold(stage, likes), "the server asks more than that: it is hidden before it loses money")
    await stage.tap(ada, f"#{likes}", alert)
    await ada.reads("margin", after=alert["message_id"])
    await _answer(stage, f"/price {likes} 1.50", "$1.50")
    stage.check(await _sold(stage, likes), "repriced from under the alert, it is on sale again")
    await stage.say(ada, f"/credit {mia.id} 2.00 for your patience")
    paid = visible(await mia.reads("$2.00 was added to your wallet"))
    stage.check("Note: for your patience" in paid and await stage.holds(mia, "21.00"), "Mia has $2.00 and reads why")
    await _broadcast(stage)
    log = visible(await _answer(stage, "/log", "What the staff did"))
    did = ("sent to", "for your patience", "$1.10", "$1.50")
    stage.check(all(word in log for word in did), "the log says who did all of it")
    await stage.audit()


async def _broadcast(stage: Stage) -> None:
    """A message to everybody, with its preview and one more yes."""
    ada = stage.ada
    await _answer(stage, "/broadcast", "Messages to many")
    await stage.tap(ada, "New message")
    asked = await ada.reads("Send the message as it should look")
    await stage.say(ada, NEWS)
    draft = await ada.reads("Draft 1", after=asked["message_id"])
    stage.check(NEWS in visible(draft), "the draft shows how it will look")
    await stage.tap(ada, "Send", draft)
    await stage.tap(ada, "Do it", await ada.reads(f"Send “{NEWS[:40]}", after=draft["message_id"]))
    await stage.mia.reads(NEWS)
    await ada.reads("Message 1 · done")
    stage.check(True, "everybody who can be reached has it, and the card says done")


async def admin_unknown(stage: Stage) -> None:
    """Two orders nobody is sure about: one is found at the panel, the other is not; both customers are whole."""
    ada, mia = stage.ada, stage.mia
    await stage.say(ada, "/start")
    await stage.ordered(mia, "timeout-then-accept", "1000")
    await mia.reads("is being verified")
    alert = await ada.reads("Order #1")
    listed = visible(await _answer(stage, "/unknown", "Orders in doubt"))
    stage.check("#1" in listed, "/unknown lists it")
    await stage.tap(ada, "It is there", alert)
    asked = await ada.reads("Please send the id")
    await stage.say(ada, "4242")
    await ada.reads("The panel answers that it has no order 4242", after=asked["message_id"])
    theirs = str(stage.north.accepted[0].order)
    await stage.say(ada, theirs)
    await ada.reads(f"is followed as {theirs} from now on")
    await mia.reads("is complete")
    stage.check(await stage.holds(mia, "24.00"), "found at the panel: delivered, and paid for once")

    await stage.ordered(mia, "timeout-not-accepted", "1000")
    await mia.reads("Order #2", "is being verified")
    alert = await ada.reads("Order #2")
    await stage.tap(ada, "It is not there", alert)
    asked = await ada.reads("Only go on if you looked at the panel")
    await stage.tap(ada, "Give the money back", asked)
    await ada.reads("The money of order #2 is back with the customer")
    await mia.reads("could not be placed")
    stage.check(await stage.holds(mia, "24.00"), "not there: all of its $1.00 is back")
    stage.check(len(stage.north.accepted) == 1, "the server has one order, and never a second")
    story = visible(await _answer(stage, "/order #2", "#2"))
    stage.check("rejected" in story.lower() or "refused" in story.lower(), "/order tells how it ended")
    await stage.audit()


async def _answer(stage: Stage, typed: str, *words: str) -> Message:
    """What Ada reads after a command."""
    said = await stage.say(stage.ada, typed)
    return await stage.ada.reads(*words, after=said)


async def _service(stage: Stage, server: str) -> int:
    """The shop's number of Instagram Likes on this server."""
    async with stage.ledger() as db, db.read() as session:
        wanted = select(Service.id).where(Service.server == server, Service.name.like("Instagram Likes%"))
        return await session.value(wanted.order_by(Service.id).limit(1)) or 0


async def _sold(stage: Stage, service_id: int) -> bool:
    async with stage.ledger() as db, db.read() as session:
        return bool(await session.value(select(Service.on_sale).where(Service.id == service_id)))
