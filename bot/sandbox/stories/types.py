"""Stories of the other types of service: spread out, by the package, comments, subscriptions."""

from decimal import Decimal

from bot.sandbox.panel import PanelSimulator, story_link
from bot.sandbox.person import buttons, plain, visible
from bot.sandbox.stage import Stage


def _sent(panel: PanelSimulator, *names: str) -> list[tuple[str | None, ...]]:
    """These parameters of every order that a panel took."""
    return [tuple(accepted.fields.get(name) for name in names) for accepted in panel.accepted]


async def _shelf(stage: Stage, category: str, server: str) -> None:
    """From /start to the first question of an order on a server of a category on the first page."""
    mia = stage.mia
    await stage.say(mia, "/start")
    await stage.tap(mia, "New order")
    await stage.tap(mia, category)
    await stage.tap(mia, server)
    await stage.tap(mia, "🛒 Order")


async def drip_feed(stage: Stage) -> None:
    """1,000 likes in 10 runs of 100: stopped after 600, $0.40 back, the rest goes on in runs on another server."""
    mia = stage.mia
    quote = await stage.quoted(mia, story_link("partial-60"), "1000")
    await stage.tap(mia, "Spread it out", quote)
    await mia.reads("In how many equal runs")
    await stage.say(mia, "3")
    await mia.reads("cannot be split into 3 equal runs")
    await stage.tap(mia, "10 × 100")
    await mia.reads("How long between two runs?")
    await stage.tap(mia, "30 min")
    spread = await mia.reads("Please check your order", "10 runs of 100, one every 30 min")
    stage.check("Price: $1.00" in visible(spread), "spread out it costs the same $1.00")
    await stage.tap(mia, "Confirm", spread)
    await mia.reads("Order #1", "10 runs of 100")
    notice = await mia.reads("stopped early")
    stage.check("600 of 1,000" in visible(notice), "600 of the 1,000 are delivered")
    stage.check("$0.40" in visible(notice) and "$24.40" in visible(notice), "$0.40 of $1.00 came back")
    rest = plain(buttons(notice)[0]["text"])
    stage.check(all(part in rest for part in ("400 in 4 runs", "Server C", "$0.16")), f"one tap offers «{rest}»")
    await stage.tap(mia, "Order the remaining", notice)
    await mia.reads("Order #2", "4 runs of 100")
    done = await mia.reads("is complete")
    stage.check("1,000 of 1,000" in visible(done), "together they are 1,000 of 1,000")
    told = _sent(stage.north, "quantity", "runs", "interval")
    stage.check(told == [("100", "10", "30"), ("100", "4", "30")], "the server was told 100 a run, 10 and 4 runs")
    stage.check(str(await stage.balance(mia)) == "24.24", "the wallet holds $24.24: $0.60 and $0.16 were paid")
    await stage.audit()


async def package(stage: Stage) -> None:
    """A package for $3.00 that did not arrive whole: all $3.00 back, another package in one tap."""
    mia = stage.mia
    await _shelf(stage, "Instagram Packages", "Server A")
    await mia.reads("link")
    await stage.say(mia, story_link("partial-60"))
    quote = await mia.reads("Please check your order", "1 package")
    stage.check("Price: $3.00" in visible(quote), "no quantity is asked for, one package is $3.00")
    await stage.tap(mia, "Confirm", quote)
    notice = await mia.reads("stopped early", "0 of 1 package")
    stage.check("$3.00" in visible(notice) and "$25.00" in visible(notice), "it is not whole, so all $3.00 came back")
    rest = plain(buttons(notice)[0]["text"])
    stage.check(all(part in rest for part in ("Starter", "Server D", "$3.25")), f"one tap offers «{rest}»")
    await stage.tap(mia, rest, notice)
    done = await mia.reads("is complete")
    stage.check("1 of 1 package" in visible(done), "the package has arrived")
    told = _sent(stage.north, "link", "quantity") + _sent(stage.south, "link", "quantity")
    stage.check(told == [(story_link("partial-60"), None)] * 2, "both servers were sent the link and no quantity")
    stage.check(str(await stage.balance(mia)) == "21.75", "the wallet holds $21.75: $3.25 were paid")
    await stage.audit()


COMMENTS = [f"Number {number}: what a photo!" for number in range(1, 11)]


async def comments(stage: Stage) -> None:
    """Ten comments from a text file: stopped after six, and the last four go to another server in one tap."""
    mia = stage.mia
    await _shelf(stage, "Instagram Comments", "Server A")
    await mia.reads("link")
    await stage.say(mia, story_link("partial-60"))
    await mia.reads("one per line: 5 to 1,000")
    await stage.say(mia, "Only one")
    await mia.reads("That makes 1, and 5 is the least here")
    await stage.upload(mia, "comments.txt", "\n\n".join(COMMENTS).encode())
    quote = await mia.reads("Please check your order", "10 comments")
    stage.check("Price: $0.11" in visible(quote), "ten lines are ten comments, for $0.11")
    await stage.tap(mia, "Confirm", quote)
    notice = await mia.reads("stopped early")
    stage.check("6 of 10" in visible(notice), "six of the ten are written")
    stage.check("$0.044" in visible(notice) and "$24.934" in visible(notice), "$0.044 of $0.11 came back")
    rest = plain(buttons(notice)[0]["text"])
    stage.check(all(part in rest for part in ("4", "Server B", "$0.24")), f"one tap offers «{rest}»")
    await stage.tap(mia, "Order the remaining", notice)
    await mia.reads("is complete")
    told = _sent(stage.north, "comments", "quantity") + _sent(stage.south, "comments", "quantity")
    stage.check(
        told == [("\n".join(COMMENTS), None), ("\n".join(COMMENTS[6:]), None)],
        "the first server was sent all ten, the second the last four",
    )
    stage.check(str(await stage.balance(mia)) == "24.694", "the wallet holds $24.694: $0.066 and $0.24 were paid")
    await stage.audit()


async def subscription(stage: Stage) -> None:
    """100 likes on each of Mia's next 5 posts: ended after 3, two posts paid back and ordered elsewhere in one tap."""
    mia, south = stage.mia, stage.south
    south.book.set_balance(Decimal("0.30"), south.clock())  # our money at the server is enough for three posts
    await _shelf(stage, "Instagram Packages", "Server B")
    await mia.reads("Whose new posts")
    await stage.say(mia, "@mia")
    await mia.reads("How many on each new post?")
    await stage.tap(mia, "100")
    await mia.reads("How long after a post appears")
    await stage.tap(mia, "At once")
    await mia.reads("Until which day?")
    await stage.tap(mia, "No last day")
    await mia.reads("How many new posts?")
    await stage.tap(mia, "5 posts")
    quote = await mia.reads("Please check your order", "5 posts", "100 on each new post")
    stage.check("Price: $0.55" in visible(quote), "5 posts of 100 are $0.55")
    await stage.tap(mia, "Confirm", quote)
    await mia.reads("3 of 5 posts delivered")
    south.direct(south.accepted[0].order, "finish")
    stage.transcript.line(f"{'':10}The server ends the subscription after 3 of 5 posts.")
    notice = await mia.reads("stopped early", "3 of 5 posts")
    stage.check("$0.22" in visible(notice) and "$24.67" in visible(notice), "$0.22 for the other two came back")
    rest = plain(buttons(notice)[0]["text"])
    stage.check(all(part in rest for part in ("2 posts", "Server C", "$0.20")), f"one tap offers «{rest}»")
    await stage.tap(mia, "Order the remaining", notice)
    last = await mia.reads("is complete")
    stage.check("5 of 5 posts delivered: 3 on Server B, 2 on Server C" in visible(last), "together they are 5 posts")
    told = [*_sent(stage.south, "username", "max", "posts"), *_sent(stage.north, "username", "max", "posts")]
    stage.check(told == [("mia", "100", "5"), ("mia", "100", "2")], "each server was sent the name and its posts")
    stage.check(str(await stage.balance(mia)) == "24.47", "the wallet holds $24.47: $0.33 and $0.20 were paid")
    await stage.audit()
