"""Stories of rests that no server takes as they are: too small, too large, too dear, or nobody there."""

from bot.sandbox.panel import story_link
from bot.sandbox.person import Message, buttons, plain, visible
from bot.sandbox.stage import Stage
from bot.sandbox.stories.plain import accepted


async def _stopped(stage: Stage, word: str, quantity: str) -> Message:
    """Order on Server A and read that it stopped."""
    quote = await stage.quoted(stage.mia, story_link(word), quantity)
    await stage.tap(stage.mia, "Confirm", quote)
    return await stage.mia.reads("stopped early", after=quote["message_id"])


async def small(stage: Stage) -> None:
    """The rest is smaller than any order elsewhere: the smallest that covers it, and 100 of 100 in the end."""
    mia = stage.mia
    await stage.restock({"C": None, "F": None})
    notice = await _stopped(stage, "partial-95", "100")
    words, button = visible(notice), plain(buttons(notice)[0]["text"])
    stage.check("Server D takes 20 at the least" in words, "the notice says that the smallest order is 20")
    stage.check("5 that are missing, and 15 more" in words, "and that 15 more come with it")
    stage.check("Order 20 · Server D" in button, f"one tap offers «{button}»")
    await stage.tap(mia, "Order 20", notice)
    done = visible(await mia.reads("is complete"))
    stage.check("100 of 100 delivered: 95 on Server A, 5 on Server D" in done, "the goal is full, not over-full")
    stage.check(accepted(stage) == [("north", "100"), ("south", "20")], "each server took its own order")
    await stage.audit()


async def large(stage: Stage) -> None:
    """The rest is larger than any server takes: two share it, bought with one tap."""
    mia = stage.mia
    await stage.restock({"B": {"max": 2500}, "D": {"max": 3000}, **dict.fromkeys("CEF")})
    notice = await _stopped(stage, "partial-60", "10000")
    words, button = visible(notice), plain(buttons(notice)[0]["text"])
    stage.check("2,500 go to Server B and 1,500 to Server D" in words, "the notice says who gets how much")
    stage.check("Order the remaining 4,000 · Servers B + D · $4.30" in button, f"one tap offers «{button}»")
    await stage.tap(mia, "Order the remaining", notice, repeat=3)
    await mia.reads("Order #2", "Completed")
    await mia.reads("Order #3", "Completed")
    done = await mia.reads("10,000 of 10,000 delivered: 6,000 on Server A, 2,500 on Server B, 1,500 on Server D")
    stage.check("is complete" in visible(done), "the last of the two tells that all is there")
    took = sorted(accepted(stage), key=lambda each: int(each[1]))
    stage.check(took == [("south", "1500"), ("south", "2500"), ("north", "10000")], "each server took one order")
    stage.check(str(await stage.balance(mia)) == "14.70", "the wallet holds $14.70")
    await stage.audit()


async def short_of_money(stage: Stage) -> None:
    """The rest is dearer elsewhere than what came back: what is missing is named, and paid in it is one tap away."""
    mia, ada = stage.mia, stage.ada
    await stage.restock({"B": {"rate": "2.40"}, **dict.fromkeys("CDEF")})
    await stage.say(ada, "/start")
    notice = await _stopped(stage, "partial-60", "25000")
    words, button = visible(notice), plain(buttons(notice)[0]["text"])
    stage.check("Back in your wallet: $10.00" in words, "$10.00 came back")
    stage.check("$20.00 is missing in your wallet" in words, "$20.00 more are needed, and that is said")
    stage.check("$30.00 ($20.00 missing)" in button, f"the button says so, too: «{button}»")
    await stage.say(ada, f"/credit {mia.id} 20.00 top-up")
    ready = await mia.reads("The rest of order #1 can be ordered now")
    await stage.tap(mia, "Order the remaining", ready)
    done = await mia.reads("is complete")
    stage.check("25,000 of 25,000" in visible(done), "one tap orders it then")
    stage.check(str(await stage.balance(mia)) == "0.00", "the wallet holds nothing, and owes nothing")
    await stage.audit()


async def tell_me(stage: Stage) -> None:
    """No other server is there: asked to, the shop tells when one is, and one tap orders the rest there."""
    mia = stage.mia
    await stage.restock(dict.fromkeys("BCDEF"))
    notice = await _stopped(stage, "partial-60", "10000")
    stage.check("No other server offers this at the moment" in visible(notice), "the notice says that nobody is there")
    await stage.tap(mia, "Tell me when it can be ordered", notice)
    await stage.restock({})
    ready = await mia.reads("The rest of order #1 can be ordered now")
    await stage.tap(mia, "Order the remaining", ready)
    done = await mia.reads("is complete")
    stage.check("6,000 on Server A, 4,000 on Server B" in visible(done), "one tap ordered the rest on the new server")
    told = [visible(message) for message in await mia.messages() if message["from"] == "bot"]
    stage.check(sum("can be ordered now" in words for words in told) == 1, "that was said once")
    await stage.audit()
