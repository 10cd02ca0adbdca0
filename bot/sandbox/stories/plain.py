"""Stories of plain orders: delivered, stopped half-way, refused, in doubt; and the process killed at every step."""

from bot.sandbox.panel import story_link
from bot.sandbox.person import buttons, plain, visible
from bot.sandbox.stage import Stage


async def partial(stage: Stage) -> None:
    """The worked example: 10,000 likes for $10.00, 6,000 delivered, $4.00 back, the rest in one tap."""
    mia = stage.mia
    quote = await stage.quoted(mia, story_link("partial-60"), "10k")
    stage.check("$10.00" in visible(quote) and "$15.00" in visible(quote), "the quote says $10.00, and $15.00 after it")
    await stage.tap(mia, "Confirm", quote)
    await mia.reads("Order #1", "of 10,000")
    notice = await mia.reads("stopped early")
    words = visible(notice)
    stage.check("6,000 of 10,000" in words, "6,000 of 10,000 are delivered")
    stage.check("$4.00" in words and "$19.00" in words, "$4.00 came back and the wallet holds $19.00")
    stage.check("Likely reason" in words, "the likely reason is named")
    rest = plain(buttons(notice)[0]["text"])
    stage.check(all(part in rest for part in ("4,000", "Server B", "$4.00")), f"one tap offers «{rest}»")
    await stage.tap(mia, "Order the remaining", notice)
    await mia.reads("Order #2", "Server B")
    done = await mia.reads("is complete")
    stage.check("6,000 on Server A" in visible(done) and "4,000 on Server B" in visible(done), "both are one goal")
    await mia.reads("Order #2", "Completed", "4,000 of 4,000")
    await stage.say(mia, "/orders")
    await stage.tap(mia, "10,000 of 10,000")
    goal = visible(await mia.reads("10,000 of 10,000 delivered: 6,000 on Server A, 4,000 on Server B", "Paid in all"))
    stage.check("$10.00" in goal, "history shows one goal, 10,000 of 10,000, for $10.00 in all")
    stage.check(str(await stage.balance(mia)) == "15.00", "the wallet holds $15.00")
    stage.check(accepted(stage) == [("north", "10000"), ("south", "4000")], "each provider took one order")
    await stage.audit()


def accepted(stage: Stage) -> list[tuple[str, str]]:
    """Every order a panel really took, with its quantity."""
    return [
        (panel.name, str(accepted.fields["quantity"]))
        for panel in (stage.north, stage.south)
        for accepted in panel.accepted
    ]


async def complete(stage: Stage) -> None:
    """An order that is simply delivered, followed on one live card."""
    mia = stage.mia
    card = await stage.ordered(mia, "complete", "1000")
    done = await mia.reads("is complete")
    last = await mia.reads("Completed", "1,000 of 1,000")
    stage.check(last["message_id"] == card["message_id"] and last["edited"], "one card lived on in the chat")
    stage.check(done["message_id"] > card["message_id"], "a message of its own told the end")
    stage.check(str(await stage.balance(mia)) == "24.00", "the wallet holds $24.00")
    await stage.audit()


async def cancel(stage: Stage) -> None:
    """The server gives up at 40 %: the undelivered share is back, the rest is offered."""
    mia = stage.mia
    await stage.ordered(mia, "cancel", "10000")
    notice = await mia.reads("cancelled by the server")
    stage.check("$6.00" in visible(notice) and "$21.00" in visible(notice), "$6.00 came back")
    stage.check("6,000" in plain(buttons(notice)[0]["text"]), "the remaining 6,000 are one tap away")
    await stage.audit()


async def cancel_at_once(stage: Stage) -> None:
    """The server gives up before it began: everything is back."""
    mia = stage.mia
    await stage.ordered(mia, "cancel-at-once", "10000")
    notice = await mia.reads("cancelled by the server")
    stage.check("$10.00" in visible(notice) and "$25.00" in visible(notice), "all $10.00 came back")
    await stage.audit()


async def timeout_then_accept(stage: Stage) -> None:
    """The server takes the order but its answer never comes: one order upstream, the money held, both sides told."""
    mia = stage.mia
    await stage.say(stage.ada, "/start")
    await stage.ordered(mia, "timeout-then-accept", "1000")
    notice = await mia.reads("is being verified")
    stage.check("$1.00" in visible(notice), "the customer hears that $1.00 is held")
    await stage.ada.reads("#1")
    stage.check(len(stage.north.accepted) == 1, "the server got one order, and never a second")
    stage.check(str(await stage.balance(mia)) == "24.00", "the wallet holds $24.00, the hold $1.00")
    await stage.audit()


async def reject(stage: Stage) -> None:
    """The server refuses the link: the money is back at once, another server is offered."""
    mia = stage.mia
    await stage.ordered(mia, "reject", "1000")
    notice = await mia.reads("could not be placed")
    stage.check("$1.00" in visible(notice) and "$25.00" in visible(notice), "all $1.00 came back")
    await stage.audit()


async def one_tap_once(stage: Stage) -> None:
    """Confirm tapped five times, then re-sent by an old client: bought once."""
    mia = stage.mia
    quote = await stage.quoted(mia, story_link("complete"), "1000")
    await stage.tap(mia, "Confirm", quote, repeat=5)
    await mia.reads("Order #1")
    token = next(button["data"] for button in buttons(quote) if "Confirm" in button["text"])
    await mia.press(quote["message_id"], token, repeat=3)
    await mia.reads("is complete")
    stage.check(len(stage.north.accepted) == 1, "the server got one order")
    stage.check(str(await stage.balance(mia)) == "24.00", "$1.00 was paid once")
    await stage.audit()


async def undo(stage: Stage) -> None:
    """The rest ordered with one tap and taken back before it is sent."""
    mia = stage.mia
    await stage.ordered(mia, "partial-60", "10000")
    notice = await mia.reads("stopped early")
    await stage.tap(mia, "Order the remaining", notice)
    card = await mia.reads("Order #2", "undo")
    await stage.tap(mia, "Undo", card)
    await mia.reads("Order #2", "Undone")
    stage.check(str(await stage.balance(mia)) == "19.00", "$4.00 is back in the wallet")
    stage.check(not stage.south.accepted, "the other server never heard of it")
    await stage.audit()


async def choose(stage: Stage) -> None:
    """The rest on a service of the customer's own choice; then the first button buys nothing more."""
    mia = stage.mia
    await stage.ordered(mia, "partial-60", "10000")
    notice = await mia.reads("stopped early")
    first = buttons(notice)[0]["data"]
    await stage.tap(mia, "Choose another service", notice)
    await stage.tap(mia, "Server D")
    await mia.reads("Order #2", "Server D")
    await mia.press(notice["message_id"], first)
    await mia.reads("is complete")
    stage.check([panel for panel, _ in accepted(stage)] == ["north", "south"], "the rest was bought once")
    stage.check(str(await stage.balance(mia)) == "14.20", "$4.80 was paid for it")
    await stage.audit()


async def killed(stage: Stage) -> None:
    """kill -9 in the middle of the conversation, before sending, and between refund and notice: nothing is lost."""
    mia = stage.mia
    await stage.say(mia, "/start")
    await stage.tap(mia, "New order")
    await stage.tap(mia, "Instagram Likes")
    await stage.tap(mia, "Server A")
    await stage.tap(mia, "Order")
    await stage.say(mia, story_link("partial-60"))
    await mia.reads("How many?")
    await killed_here(stage, "while the quantity is being asked for")
    await stage.say(mia, "10000")
    quote = await mia.reads("Please check your order", "$10.00")
    await killed_here(stage, "before Confirm")
    await stage.tap(mia, "Confirm", quote)
    await stage.until(lambda: stage.placed(1), "the server has the order")
    await killed_here(stage, "while the order is being delivered")
    await stage.trouble("sendMessage", status=500, times=1000)
    await stage.until(lambda: stage.holds(mia, "19.00"), "the refund is in the wallet")
    await killed_here(stage, "between refund and notice")
    await stage.trouble("sendMessage", times=0)
    notice = await mia.reads("stopped early")
    stage.check("$4.00" in visible(notice), "$4.00 came back")
    await stage.tap(mia, "Order the remaining", notice)
    await mia.reads("Order #2")
    await stage.until(lambda: stage.recorded("card:2"), "the new card is known to be sent")
    await killed_here(stage, "between debit and submit: the rest waits for its Undo")
    await mia.reads("is complete")
    told = [visible(message) for message in await mia.messages() if message["from"] == "bot"]
    for words in ("stopped early", "is complete", "Order #1 ·", "Order #2 ·"):
        stage.check(sum(words in message for message in told) == 1, f"«{words}» was said once")
    stage.check(accepted(stage) == [("north", "10000"), ("south", "4000")], "each provider took one order")
    stage.check(str(await stage.balance(mia)) == "15.00", "the wallet holds $15.00")
    await stage.audit()


async def killed_here(stage: Stage, when: str) -> None:
    """kill -9, and a fresh start."""
    await stage.shop.kill()
    stage.transcript.catch_up()
    stage.transcript.line(f"          ☠ kill -9 {when}; the bot is started again")
    await stage.shop.start()
