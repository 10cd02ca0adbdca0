"""What each inline button means: one typed intention in at most 64 bytes, never a price."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

Id = Annotated[int, Field(ge=0, lt=2**63)]
"""A row of ours; forged larger numbers are no button of ours, for the database could not hold them."""
Page = Annotated[int, Field(ge=0, lt=100_000)]
Question = Annotated[str, Field(max_length=16)]
"""A further question, by its name in services.order_fields."""
Token = Annotated[str, Field(min_length=1, max_length=48)]
LONGEST_OF = 32
Hour = Annotated[int, Field(ge=0, le=23)]


class Go(CallbackData, prefix="go"):
    """To one of the main screens; `new` leaves the tapped message as it is and answers in another."""

    to: Literal["menu", "help"]
    new: bool = False


class Shelves(CallbackData, prefix="cs"):
    """The categories."""

    page: Page = 0
    new: bool = False


class Shelf(CallbackData, prefix="ca"):
    """The services of one category."""

    category_id: Id
    page: Page = 0


class Product(CallbackData, prefix="sv"):
    """The card of one service."""

    service_id: Id


class Begin(CallbackData, prefix="be"):
    """Order this service: the link is asked for first."""

    service_id: Id


class KeepLink(CallbackData, prefix="kl"):
    """Go on with the link that was given before."""

    service_id: Id


class Pick(CallbackData, prefix="qt"):
    """A suggested quantity."""

    service_id: Id
    quantity: Annotated[int, Field(gt=0, lt=10**12)]


class Ask(CallbackData, prefix="as"):
    """A further question of the order being made, to answer or to answer anew; what was entered stays."""

    service_id: Id
    field: Question


class Answer(CallbackData, prefix="an"):
    """A suggested answer to a further question."""

    service_id: Id
    field: Question
    value: Annotated[str, Field(max_length=16)]


class KeepAnswer(CallbackData, prefix="ka"):
    """Go on with the answer that was given before."""

    service_id: Id
    field: Question


class AtOnce(CallbackData, prefix="ao"):
    """Everything at once after all: no drip-feed."""

    service_id: Id


class Step(CallbackData, prefix="st"):
    """Back to an earlier question of the order being made, or to its quote; what was entered stays."""

    to: Literal["link", "quantity", "quote"]
    service_id: Id


class Resume(CallbackData, prefix="re"):
    """Back to the order being made, wherever it stands."""


class Leave(CallbackData, prefix="no"):
    """Give up the order being made."""


class Confirm(CallbackData, prefix="ok"):
    """Buy what was quoted; the token buys once."""

    token: Token


class Undo(CallbackData, prefix="un"):
    """Take an order back that was not sent yet."""

    order_id: Id


class BuyRest(CallbackData, prefix="br"):
    """Buy the offered rest in one tap; the token buys once. `look`: only if its link is not private any more.

    `among`: the message offers the rests of other orders as well.
    """

    token: Token
    look: bool = False
    among: bool = False


class AskRefill(CallbackData, prefix="rf"):
    """Report that what an order delivered has dropped, so that its server refills it."""

    order_id: Id


class ChooseRest(CallbackData, prefix="cr"):
    """Show every service that could deliver the rest of an order."""

    order_id: Id


class TellMe(CallbackData, prefix="tm"):
    """Tell me when another server can take the rest of an order."""

    order_id: Id


class Finish(CallbackData, prefix="fi"):
    """What the shop may finish by itself: in general, or with this goal in view where `goal_id` is not 0."""

    goal_id: Id = 0
    new: bool = False


class FinishSet(CallbackData, prefix="fs"):
    """Change one of these terms and show them again."""

    what: Literal["goal", "all", "percent", "orders"]
    value: Annotated[int, Field(ge=0, le=100)]
    goal_id: Id = 0


class FinishIt(CallbackData, prefix="ft"):
    """Let the shop finish the goal of this order, from under the notice that it stopped."""

    order_id: Id


class KeepMoney(CallbackData, prefix="km"):
    """Leave the refund in the wallet."""

    order_id: Id


class Why(CallbackData, prefix="wy"):
    """Why an order stopped; `cause` as in `services.notices.Partial`."""

    order_id: Id
    cause: Annotated[str, Field(max_length=16)]


class ShowDoubt(CallbackData, prefix="ds"):
    """Show an admin all that is known of an order in doubt."""

    order_id: Id


class Arrived(CallbackData, prefix="da"):
    """An admin found the order at the provider; `attempt` is the number of the last POST that they knew of."""

    order_id: Id
    attempt: Id


class Missing(CallbackData, prefix="dm"):
    """An admin did not find the order at the provider after `attempt`."""

    order_id: Id
    attempt: Id


class SettleMissing(CallbackData, prefix="dx"):
    """What becomes of an order that is not at the provider after `attempt`: sent again, or the money back."""

    order_id: Id
    attempt: Id
    again: bool


class GiveBack(CallbackData, prefix="dg"):
    """Give the money back of this order, and of what waits beside it and never left."""

    order_id: Id


class Compare(CallbackData, prefix="cp"):
    """Show what is to be compared after a backup was brought back."""


class Compared(CallbackData, prefix="cd"):
    """All is compared: sending goes on."""


class BackUp(CallbackData, prefix="bu"):
    """Make a backup now."""


class OpenShop(CallbackData, prefix="mo"):
    """End the maintenance of the shop: customers may order again."""


class CountByHand(CallbackData, prefix="dc"):
    """An admin will say how many were delivered."""

    order_id: Id


class Approve(CallbackData, prefix="ap"):
    """Take a step that waits for somebody's yes."""

    approval_id: Id


class Refuse(CallbackData, prefix="ar"):
    """Leave it."""

    approval_id: Id


class Log(CallbackData, prefix="lg"):
    """A page of what the staff did, older than step `before` where that is not 0; `of` as after /log."""

    before: Id = 0
    of: Annotated[str, Field(max_length=LONGEST_OF)] = ""


class Compose(CallbackData, prefix="bw"):
    """Write the text of a message to many: of a new one where `broadcast_id` is 0."""

    broadcast_id: Id = 0
    locale: Annotated[str, Field(max_length=12)] = ""


class Show(CallbackData, prefix="bs"):
    """A message to many as it stands."""

    broadcast_id: Id


class Aim(CallbackData, prefix="ba"):
    """Whom a message to many goes to; without `what` all that can be chosen."""

    broadcast_id: Id
    what: Literal["", "activity", "language", "spent"] = ""
    value: Annotated[str, Field(max_length=16)] = ""


class TryOut(CallbackData, prefix="bt"):
    """Send a message to many to its writer alone."""

    broadcast_id: Id


class Send(CallbackData, prefix="bg"):
    """Send it to everybody it is for; asked once more."""

    broadcast_id: Id


class Move(CallbackData, prefix="bm"):
    """Change how it goes on."""

    broadcast_id: Id
    step: Literal["run", "pause", "stop", "discard"]


class ShopWords(CallbackData, prefix="sw"):
    """The shop's own words under this name: as they stand, to be written, undone, or left to the shop."""

    name: Annotated[str, Field(max_length=8)] = ""
    do: Literal["show", "write", "undo", "clear"] = "show"
    locale: Annotated[str, Field(max_length=12)] = ""


class Read(CallbackData, prefix="rd"):
    """The shop's rules or terms, for customers."""

    name: Literal["rules", "terms"]


class News(CallbackData, prefix="nw"):
    """Whether the messages that go to many are wanted; `here` is under one of them."""

    wanted: bool
    here: bool = False


class Stats(CallbackData, prefix="stat"):
    """The shop at a glance, in this period as typed after /stats: in words, as a picture, or as a table.

    `new` leaves the tapped message as it is.
    """

    period: Annotated[str, Field(max_length=LONGEST_OF)]
    form: Literal["words", "chart", "table"] = "words"
    new: bool = False


class AuditNow(CallbackData, prefix="audt"):
    """Check every invariant now."""


class Suspend(CallbackData, prefix="susp"):
    """Stop selling this service."""

    service_id: Id


class SellAgain(CallbackData, prefix="sell"):
    """Let sales go on, once that is confirmed."""


class Goals(CallbackData, prefix="gs"):
    """The history."""

    page: Page = 0
    new: bool = False


class GoalCard(CallbackData, prefix="gl"):
    """One goal of the history; `page` is the one to go back to."""

    goal_id: Id
    page: Page = 0


class Repeat(CallbackData, prefix="rp"):
    """The same order once more: a new quote."""

    order_id: Id


class Wallet(CallbackData, prefix="wa"):
    """Balance, how to top up, and a page of the statement."""

    page: Page = 0
    new: bool = False


class Preferences(CallbackData, prefix="pf"):
    """A person's own settings."""


class ChooseQuiet(CallbackData, prefix="qc"):
    """Choose quiet hours: from when, or, where that is known, until when."""

    begins: Hour | None = None


class SetQuiet(CallbackData, prefix="qs"):
    """Be quiet from this hour until that one."""

    begins: Hour
    ends: Hour


class QuietOff(CallbackData, prefix="qo"):
    """No quiet hours."""


class SetClock(CallbackData, prefix="ck"):
    """The person's clock is so many minutes ahead of UTC; None asks."""

    offset: Annotated[int, Field(ge=-720, le=840)] | None = None
