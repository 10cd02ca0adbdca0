"""Stories of goals that the shop finishes by itself: over three servers to the end, and not one step on a dead link."""

from sqlalchemy import select

from bot.sandbox.panel import PanelSimulator, story_link
from bot.sandbox.person import visible
from bot.sandbox.stage import Stage
from bot.sandbox.stories.plain import accepted, killed_here
from services.models import Notice


async def _turned_on(stage: Stage) -> None:
    await stage.say(stage.mia, "/start")
    await stage.say(stage.mia, "/finish")
    await stage.tap(stage.mia, "Turn on for all orders")
    await stage.mia.reads("All your orders: on")


async def finish_for_me(stage: Stage) -> None:
    """Server A stops, and so does B: the shop goes on by itself to the last of 10,000, whenever it is killed."""
    mia = stage.mia
    await _turned_on(stage)
    quote = await stage.quoted(mia, story_link("always/partial-60"), "10000")
    await stage.tap(mia, "Confirm", quote)
    await stage.until(lambda: stage.placed(1), "Server A has the order")
    await killed_here(stage, "while Server A delivers")
    notice = visible(await mia.reads("Order #1 stopped early"))
    stage.check("6,000 of 10,000" in notice and "We order the rest for you now" in notice, "A stops, the shop goes on")
    first = visible(await mia.reads("We go on with order #1"))
    stage.check("4,000 on Server B for $4.00" in first, "4,000 are ordered on Server B for $4.00")
    stage.check("1 of 3. Extra cost: $0.00 of $2.00" in first, "one of three orders, nothing extra so far")
    await stage.until(lambda: _told(stage), "the shop knows that Mia was told")
    await killed_here(stage, "while the order waits for its Undo")
    await mia.reads("Order #2 stopped early", "2,400 of 4,000")
    await killed_here(stage, "between the refund and the next step")
    second = visible(await mia.reads("We go on with order #1", "1,600"))
    stage.check("1,600 on Server C for $0.64" in second, "1,600 are ordered on Server C")
    stage.check("2 of 3. Extra cost: $0.00 of $2.00" in second, "two of three orders, still nothing extra")
    await stage.until(lambda: _took(stage.north, 2), "Server C has the order")
    await stage.http.post(f"/sandbox/panels/north/orders/{stage.north.accepted[1].order}", json={"do": "finish"})
    done = visible(await mia.reads("10,000 of 10,000 delivered", "is complete"))
    stage.check("6,000 on Server A, 2,400 on Server B, 1,600 on Server C" in done, "three servers, one goal")
    took = sorted(quantity for _, quantity in accepted(stage))
    stage.check(took == ["10000", "1600", "4000"], "each server got one order")
    told = [visible(message) for message in await mia.messages() if message["from"] == "bot"]
    stage.check(sum("We go on with order #1" in words for words in told) == 2, "each step was told once")
    stage.check(str(await stage.balance(mia)) == "15.96", "the wallet holds $15.96: $9.04 in all")
    await stage.audit()


async def _took(panel: PanelSimulator, orders: int) -> bool:
    return len(panel.accepted) >= orders


async def dead_link(stage: Stage) -> None:
    """The link is dead: the shop, told to finish by itself, orders nothing and says why."""
    mia = stage.mia
    await _turned_on(stage)
    quote = await stage.quoted(mia, story_link("deleted"), "1000")
    await stage.tap(mia, "Confirm", quote)
    await mia.reads("Order #1 stopped early")
    end = visible(await mia.reads("We do not go on with order #1"))
    stage.check("There is nothing behind your link any more" in end, "it says that the link is dead")
    stage.check("Still missing: 700" in end, "and that 700 are missing")
    stage.check(accepted(stage) == [("north", "1000")], "nothing more was ordered")
    stage.check(str(await stage.balance(mia)) == "24.70", "the $0.70 stay in the wallet")
    await stage.audit()


async def _told(stage: Stage) -> bool:
    """Whether no step waits to be told: killed before that was written down, the shop would tell it once more."""
    async with stage.ledger() as db, db.read() as session:
        waiting = select(Notice.id).where(Notice.kind == "finish_step", Notice.state == "queued")
        return await session.value(waiting) is None
