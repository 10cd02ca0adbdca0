"""Stories of why orders stop: seen on the link's page, concluded from other orders, or honestly not known."""

from bot.sandbox.panel import story_link
from bot.sandbox.person import Message, Person, buttons, plain, visible
from bot.sandbox.stage import Stage
from bot.sandbox.world import ARABIC_CUSTOMER, RESELLER


async def _stopped(stage: Stage, person: Person, link: str) -> Message:
    """Order 1,000 for this link and read that it stopped."""
    quote = await stage.quoted(person, link, "1000")
    await stage.tap(person, "Confirm", quote)
    return await person.reads("stopped early", after=quote["message_id"])


async def private(stage: Stage) -> None:
    """The link went private: seen on its page. The rest is ordered in one tap once it is public, and not before."""
    mia = stage.mia
    notice = await _stopped(stage, mia, story_link("private"))
    stage.check("Reason: your link is private now" in visible(notice), "the notice knows that the link is private")
    await stage.tap(mia, "Make it public, then tap", notice)
    await stage.until(lambda: _looked(stage, "private", 2), "the link was looked at once more")
    stage.check(not stage.south.accepted, "while it is private, nothing is ordered")
    await stage.tap(mia, "Make it public, then tap", notice)
    await mia.reads("Order #2", "Server B")
    done = await mia.reads("is complete")
    stage.check("1,000 of 1,000" in visible(done), "once it is public, one tap delivers the rest")
    await stage.audit()


async def _looked(stage: Stage, word: str, times: int) -> bool:
    return stage.world.pages.looks[story_link(word)] >= times


async def deleted(stage: Stage) -> None:
    """The link's target was deleted: seen on its page. The money is back, and nothing is offered that would fail."""
    mia = stage.mia
    notice = await _stopped(stage, mia, story_link("deleted"))
    words = visible(notice)
    stage.check("Reason: there is nothing behind your link any more" in words, "the notice knows that it is gone")
    stage.check("$0.70" in words and "$24.70" in words, "$0.70 for the missing 700 came back")
    labels = [plain(button["text"]) for button in buttons(notice)]
    stage.check(labels == ["Keep the money", "Why did this happen?"], "no button orders what would stop again")
    await stage.audit()


async def renamed(stage: Stage) -> None:
    """The link leads on to another name: seen where it redirects to."""
    mia = stage.mia
    notice = await _stopped(stage, mia, story_link("renamed"))
    stage.check("Reason: your link leads to another name now" in visible(notice), "the notice knows of the new name")
    await stage.tap(mia, "Why did this happen?", notice)
    why = visible(await mia.reads("Why order #1 stopped"))
    stage.check("use the new link from now on" in why, "Why says what to do")
    stage.check("500 delivered: $1.00 × 500 ÷ 1,000 = $0.50" in why, "Why works out what was delivered")
    stage.check("500 not delivered: $1.00 − $0.50 = $0.50 back" in why, "and what comes back")
    await stage.audit()


async def overloaded(stage: Stage) -> None:
    """Orders of others stop on the same server as well: it is probably overloaded."""
    for person, name in ((stage.people[ARABIC_CUSTOMER], "omar"), (stage.people[RESELLER], "rhea")):
        await _stopped(stage, person, f"https://instagram.com/{name}/overloaded")
    notice = await _stopped(stage, stage.mia, story_link("overloaded"))
    words = visible(notice)
    stage.check("Likely reason: Server A is overloaded" in words, "the notice says that the server is overloaded")
    stage.check("Server B" in plain(buttons(notice)[0]["text"]), "the rest is offered on another server")
    await stage.audit()


async def throttled(stage: Stage) -> None:
    """Three orders come at the usual pace, the fourth crawls and stops: the platform probably holds it back."""
    mia = stage.mia
    for number in range(1, 4):
        card = await stage.ordered(mia, "complete", "1000")
        await mia.reads(f"Order #{number} is complete", after=card["message_id"])
    notice = await _stopped(stage, mia, story_link("throttled"))
    stage.check("Likely reason: the platform holds back" in visible(notice), "the notice blames the slow pace")
    await stage.audit()


async def unclear(stage: Stage) -> None:
    """The link's page shows a login wall and nothing else points anywhere: the notice says that it cannot tell."""
    mia = stage.mia
    notice = await _stopped(stage, mia, story_link("unclear"))
    stage.check("We could not tell why" in visible(notice), "the notice does not pretend to know")
    stage.check("the remaining 400" in plain(buttons(notice)[0]["text"]), "the rest is offered all the same")
    await stage.audit()
