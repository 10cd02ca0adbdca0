"""Stories of what comes after an order: drops that are reported, and the refills that bring them back."""

from bot.sandbox.panel import PanelSimulator, story_link
from bot.sandbox.person import Message, buttons, plain, visible
from bot.sandbox.stage import Stage

GUARANTEED = "Server E"
"""Sold with thirty days of refill, at $2.00 per 1,000."""


async def refill(stage: Stage) -> None:
    """A fifth of the delivered drops off: reported with one tap, brought back, and not asked for twice a day."""
    mia = stage.mia
    card = await _dropped(stage, "drops")
    stage.check("Guaranteed until" in visible(card), "the card says until when it is guaranteed")
    stage.check(_missing(stage.north) == 200, "200 of 1,000 have dropped off")
    report = next(button["data"] for button in buttons(card) if "Report a drop" in plain(button["text"]))
    await stage.tap(mia, "Report a drop", card, repeat=3)
    await mia.reads("Refill of order #1 is on its way")
    done = await mia.reads("Refill of order #1 is done")
    stage.check("check the count" in visible(done), "the notice asks to check the count")
    stage.check(_missing(stage.north) == 0, "all 1,000 are there again")
    await mia.reads("Order #1", "Refill done")
    await mia.press(card["message_id"], report)
    await stage.until(lambda: _toasted(stage, "You can ask again in 23 hr"), "asked again at once, it says when")
    stage.check(_asked(stage.north) == 1, "the server was asked once")
    stage.check(str(await stage.balance(mia)) == "23.00", "a refill costs nothing")
    await stage.audit()


async def refill_refused(stage: Stage) -> None:
    """Three drops, three ways to hear no: for the time being, after a look, and not at all; nobody is asked twice."""
    mia = stage.mia
    said = {
        "refill-too-early": ("No refill of order #1", "takes the next request for this order later"),
        "refill-rejected": ("No refill of order #2", "looked at it and declined"),
        "refill-lost": ("Refill of order #3: no answer", "so we do not send it twice"),
    }
    for number, (word, (title, why)) in enumerate(said.items(), 1):
        card = await _dropped(stage, word, number)
        await stage.tap(mia, "Report a drop", card)
        notice = await mia.reads(title)
        stage.check(why in visible(notice), f"the notice says why: {why}")
        stage.check("You can ask again from" in visible(notice), "and when it can be asked again")
    stage.check(_asked(stage.north) == 3, "the server was asked once for each")
    await stage.audit()


async def _dropped(stage: Stage, word: str, number: int = 1) -> Message:
    """The card of an order of 1,000 that was delivered in full under guarantee, and then lost some."""
    quote = await stage.quoted(stage.mia, story_link(word), "1000", server=GUARANTEED)
    await stage.tap(stage.mia, "Confirm", quote)
    await stage.mia.reads(f"Order #{number} is complete")
    return await stage.mia.reads(f"Order #{number} · Completed", "1,000 of 1,000")


def _missing(panel: PanelSimulator) -> int:
    now = panel.clock()
    return sum(panel.refills.dropped(order, now) for order in panel.book.orders.values())


def _asked(panel: PanelSimulator) -> int:
    return sum(heard.action == "refill" for heard in panel.heard)


async def _toasted(stage: Stage, words: str) -> bool:
    stage.transcript.catch_up()
    return words in stage.transcript.text
