"""Stories of how people are told: much at once in one message, at night without a sound, and what nobody knows yet."""

from datetime import UTC, datetime

from sqlalchemy import select, text

from bot.sandbox.person import buttons, plain, visible
from bot.sandbox.stage import Stage
from services.models import POLLED, Order

ENDS = (("stop", 60), ("stop", 40), ("cancel", 0), ("stop", 20))
"""What the server does with four orders while nobody looks."""


async def digest(stage: Stage) -> None:
    """Four orders end while the shop is away: one message with every figure, and each rest in one tap."""
    mia = stage.mia
    for number in range(1, len(ENDS) + 1):
        quote = await stage.quoted(mia, f"https://instagram.com/mia{number}/never-starts", "1000")
        await stage.tap(mia, "Confirm", quote)
        await mia.reads(f"Order #{number} ·")
    await stage.until(lambda: _accepted(stage, len(ENDS)), "the server has all four orders")
    await stage.shop.kill()
    for order_id, (do, percent) in zip(sorted(stage.north.book.orders), ENDS, strict=True):
        stage.north.direct(order_id, do, percent)
    await stage.until(lambda: _overdue(stage), "the shop is away, and all four orders end meanwhile")
    await stage.shop.start()
    told = await mia.reads("News of 4 orders")
    words = visible(told)
    stage.check("3 stopped early · 1 cancelled" in words, "one message counts what happened")
    stage.check("Back in your wallet in all: $2.80" in words and "Balance now: $23.80" in words, "and the money")
    stage.check("#1 stopped early: 600 of 1,000 · $0.40 back" in words, "each order has its line: #1")
    stage.check("#2 stopped early: 400 of 1,000 · $0.60 back" in words, "and #2")
    stage.check("#3 cancelled: 0 of 1,000 · $1.00 back" in words, "and #3")
    stage.check("#4 stopped early: 200 of 1,000 · $0.80 back" in words, "and #4")
    everything = [visible(message) for message in await mia.messages() if message["from"] == "bot"]
    stage.check(not any("stopped early\n" in message for message in everything), "nothing of it is told twice")
    await stage.tap(mia, "#2: Order the remaining 600", told)
    await mia.reads("Order #5", "Server B")
    await stage.tap(mia, "#1: Order the remaining 400", told)
    await mia.reads("Order #6", "Server B")
    now = next(message for message in await mia.messages() if message["message_id"] == told["message_id"])
    left = [plain(button["text"]) for button in buttons(now)]
    stage.check(left[0].startswith("#3: Order the remaining 1,000"), "the third rest is still one tap away")
    await mia.reads("with it order #2")
    await mia.reads("with it order #1")
    stage.check(str(await stage.balance(mia)) == "22.80", "the wallet holds $22.80")
    await stage.audit()


async def quiet_hours(stage: Stage) -> None:
    """Mia sets quiet hours with four taps: her refund is told at once, without a sound; replies ring as ever."""
    mia = stage.mia
    await stage.say(mia, "/start")
    await stage.tap(mia, "Settings")
    await mia.reads("Quiet hours: off")
    await stage.tap(mia, "Choose quiet hours")
    asked = await mia.reads("What does your clock show now?")
    here = next(plain(button["text"]) for button in buttons(asked) if button["data"] == "ck:0")
    await stage.tap(mia, here, asked)
    asked = await mia.reads("From when shall it be quiet?")
    begins, ends = here[:2], f"{(int(here[:2]) + 3) % 24:02}"
    await stage.tap(mia, f"{begins}:00", asked)
    asked = await mia.reads(f"Quiet from {begins}:00. Until when?")
    await stage.tap(mia, f"{ends}:00", asked)
    settings = visible(await mia.reads(f"Quiet hours: {begins}:00 to {ends}:00"))
    stage.check("Your clock:" in settings, "the settings show her hours and the time by her clock")
    card = await stage.ordered(mia, "partial-60", "1000")
    stage.check(not card["silent"], "the card that answers her tap rings: she is awake")
    notice = await mia.reads("stopped early\n")
    stage.check(notice["silent"], "the notice comes without a sound")
    stage.check("$0.40" in visible(notice) and await stage.holds(mia, "24.40"), "at once, as her money does: $0.40")
    said = await stage.say(mia, "/settings")
    await stage.tap(mia, "Turn off", await mia.reads("Quiet hours:", after=said))
    await mia.reads("Quiet hours: off", after=said)
    await stage.tap(mia, "Order the remaining", notice)
    done = await mia.reads("is complete")
    stage.check(not done["silent"], "without quiet hours a notice rings again")
    await stage.audit()


async def clarified(stage: Stage) -> None:
    """The server stops and never says where: Mia hears that her money is held, and Ada reads the count off."""
    mia = stage.mia
    await stage.say(stage.ada, "/start")
    await stage.ordered(mia, "unknown-remains", "1000")
    notice = await mia.reads("stopped, and its count is being clarified")
    words = visible(notice)
    stage.check("Delivered: not known yet, of 1,000" in words, "Mia hears that nobody knows the count yet")
    stage.check("Held until then: $1.00" in words and "Your money is safe" in words, "and that her $1.00 is held")
    alert = await stage.ada.reads("Order #1", after=1)
    await stage.tap(stage.ada, "Enter the delivered count", alert)
    await stage.ada.reads("How many of order #1 were delivered?")
    await stage.say(stage.ada, "600")
    ended = await mia.reads("stopped early\n")
    stage.check("600 of 1,000" in visible(ended) and "$0.40" in visible(ended), "the rest is back: $0.40")
    stage.check(str(await stage.balance(mia)) == "24.40", "the wallet holds $24.40")
    told = [visible(message) for message in await mia.messages() if message["from"] == "bot"]
    stage.check(sum("being clarified" in each for each in told) == 1, "she was told once that it was being clarified")
    await stage.audit()


async def _accepted(stage: Stage, orders: int) -> bool:
    async with stage.ledger() as db, db.read() as session:
        return len(await session.values(select(Order.id).where(Order.status == "placed"))) == orders


async def _overdue(stage: Stage) -> bool:
    """Whether every order is to be asked about at once."""
    async with stage.ledger() as db, db.read() as session:
        later = select(Order.id).where(text(POLLED), Order.next_poll_at > datetime.now(UTC))
        return await session.value(later) is None
