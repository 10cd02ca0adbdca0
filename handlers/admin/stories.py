"""The whole story of one order on a screen: the answer first, then its money, attempts, notices, steps and parts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from handlers import amounts, callbacks, cards, goals, keyboards, staff_buttons
from handlers.admin import log
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, brief, lines, shown
from handlers.staff_buttons import Part
from services import settlement
from services.fulfilment import SILENCES
from services.goals import GoalView
from services.money import Money
from services.order_story import Story, Try
from services.order_view import FINISHED
from services.refreshing import ASKED, Told
from services.roles import Role

SHORT: Mapping[Part, int] = {"money": 6, "tries": 2, "told": 5, "steps": 8, "staff": 3}
"""Lines of each part on the first screen, the last ones; a button shows the part alone."""
BRIEF, LONG = 120, 600
"""Characters of an attempt's evidence on the first screen, and alone."""
FITTING = 3000
"""Characters of markup that leave room for the head of a screen in a message of Telegram's."""
PARTS_SHOWN = 6


def screen(
    story: Story, acting: Acting, named: Mapping[int, str], part: Part = "all", head: str | None = None
) -> Screen:
    """The story, or one part of it in full; `named` are people by id, `head` what has just been done."""
    texts = acting.texts
    first = (head, "") if head else ()
    if part != "all":
        title = texts("story-title", order=str(story.order.id), status=_status(texts, story))
        told = _section(texts, part, _part(texts, story, part, named, LONG), FITTING)
        back = keyboards.back(texts, staff_buttons.Story(order_id=story.order.id))
        return Screen(lines(*first, title, *told), keyboards.stack([back]))
    sections = [
        line
        for each, limit in SHORT.items()
        for line in _section(texts, each, _part(texts, story, each, named, BRIEF), FITTING // 3, limit)
    ]
    return Screen(
        lines(*first, *_head(texts, story, acting), *sections, *_siblings(texts, story, acting)),
        _buttons(story, acting),
    )


def _status(texts: Texts, story: Story) -> Html:
    return cards.status(texts, story.order.status, story.order.progress)


def _head(texts: Texts, story: Story, acting: Acting) -> Sequence[str | None]:
    order, upstream = story.order, story.upstream
    missing = upstream.provider not in acting.settings.policy.providers
    return [
        texts("story-title", order=str(order.id), status=_status(texts, story)),
        cards.service(texts, order.service_name, order.server),
        texts("story-link", link=texts("link", url=order.link, shown=shown(order.link))),
        *amounts.details(texts, order.quantity, order.extras),
        texts("card-delivered", delivered=order.delivered, quantity=amounts.amount(texts, order.quantity, order.unit)),
        texts(
            "story-customer",
            name=story.customer,
            id=str(order.user_id),
            username=f"@{story.username}" if story.username else "none",
        ),
        texts("story-upstream", provider=upstream.provider, service=upstream.service, id=upstream.order_id or "none"),
        texts("story-word", word=order.progress) if order.placed_at else None,
        texts("card-ordered", at=order.created_at),
        texts("story-closed", at=order.closed_at) if order.closed_at else None,
        *(texts("story-waits", why=why) for why in _waits(story, missing=missing)),
    ]


def _waits(story: Story, *, missing: bool) -> Sequence[str]:
    """What keeps an open order from going on."""
    if story.order.status in FINISHED:
        return []
    upstream = story.upstream
    return [
        *(["missing"] if missing else []),
        *(["unreadable"] if upstream.unreadable_polls else []),
        *(["silent"] if upstream.silent_looks >= SILENCES else []),
    ]


def _section(texts: Texts, part: str, told: Sequence[str], fitting: int, limit: int | None = None) -> Sequence[str]:
    """A part under its name, the last lines of it that fit; nothing where there is nothing."""
    if not told:
        return []
    kept: list[str] = []
    for line in reversed(told[-limit:] if limit else told):
        if kept and sum(map(len, kept)) + len(line) > fitting:
            break
        kept.insert(0, line)
    left_out = len(told) - len(kept)
    cut = [texts("story-more", count=left_out)] if left_out else []
    return ["", texts("story-part", part=part), *cut, *kept]


def _part(texts: Texts, story: Story, part: Part, named: Mapping[int, str], evidence: int) -> Sequence[str]:
    writers: Mapping[str, Callable[[], Sequence[str]]] = {
        "money": lambda: _money(texts, story, named),
        "tries": lambda: [_try(texts, each, evidence) for each in story.tries],
        "told": lambda: [
            texts("story-told", at=each.at, kind=each.kind, state=each.state, error=brief(each.error, 80) or "none")
            for each in story.told
        ],
        "steps": lambda: _steps(texts, story),
        "staff": lambda: [log.line(texts, done, named) for done in reversed(story.done)],
    }
    return writers[part]()


def _money(texts: Texts, story: Story, named: Mapping[int, str]) -> Sequence[str]:
    """Every transfer, then what they add up to: that stands last, so that it is never cut."""
    money, upstream = story.money, story.upstream
    return [
        *(
            texts(
                "story-move",
                at=move.at,
                code=move.code,
                from_revenue="yes" if move.src == "revenue" else "no",
                amount=move.amount,
                by=_actor(move.actor, named) or "none",
            )
            for move in money.moves
        ),
        texts("story-cost", cost=upstream.cost, charge=str(upstream.charge) if upstream.charge is not None else "none"),
        *([texts("story-lost", lost=money.lost)] if money.lost else []),
        texts(
            "story-sum",
            paid=money.paid,
            held=money.held,
            kept=money.kept,
            returned=money.returned,
            open="no" if story.order.status in FINISHED else "yes",
            whole="yes" if money.whole(story.order) else "no",
        ),
    ]


def _actor(actor: str, named: Mapping[int, str]) -> str:
    """Who of the staff moved something; nothing where nobody of them did."""
    kind, _, number = actor.partition(":")
    return named.get(int(number), number) if kind == "admin" else ""


def _try(texts: Texts, each: Try, evidence: int) -> str:
    said = texts("story-evidence", evidence=brief(each.evidence, evidence)) if each.evidence else None
    return lines(texts("story-try", number=each.number, at=each.licensed_at, outcome=each.outcome), said)


def _steps(texts: Texts, story: Story) -> Sequence[str]:
    steps = [
        texts("story-step", at=step.at, status=step.status, more=_more(texts, step.detail)) for step in story.steps
    ]
    refills = [
        texts("story-refill", at=each.at, number=each.number, state=each.state, reason=each.reason or "none")
        for each in story.refills
    ]
    return [*steps, *refills]


def _more(texts: Texts, detail: Mapping[str, Any]) -> Html:
    """What was noted with a step, as far as it says something."""
    refunded = detail.get("refunded", "0.00")
    told = [
        *([texts("story-step-attempt", attempt=detail["attempt"])] if "attempt" in detail else []),
        *([texts("story-step-delivered", delivered=detail["delivered"])] if detail.get("delivered") else []),
        *([texts("story-step-back", refunded=Money.parse(refunded))] if refunded != "0.00" else []),
    ]
    return Html("".join(told))


def _siblings(texts: Texts, story: Story, acting: Acting) -> Sequence[str]:
    """The other orders of its goal."""
    if len(story.parts) < 2:
        return []
    return _section(
        texts, "parts", [goals.part_told(texts, part, acting.now) for part in story.parts], FITTING // 3, PARTS_SHOWN
    )


def names_wanted(story: Story) -> set[int]:
    """Whose names the story needs."""
    movers = {move.actor.partition(":")[2] for move in story.money.moves if move.actor.startswith("admin:")}
    return {int(number) for number in movers} | {done.admin for done in story.done if done.admin is not None}


def _buttons(story: Story, acting: Acting) -> InlineKeyboardMarkup:
    """What the reader may do next with it, the parts that were cut, and its neighbours."""
    texts, order = acting.texts, story.order
    helps = acting.admin.role is not None and acting.admin.role >= Role.SUPPORT
    parts = [
        keyboards.tap(texts.bare("button-story-part", part=part), staff_buttons.Story(order_id=order.id, part=part))
        for part in SHORT
        if _part(texts, story, part, {}, BRIEF)
    ]
    others = [
        keyboards.tap(texts.bare("button-order", order=str(part.id)), staff_buttons.Story(order_id=part.id))
        for part in story.parts[-PARTS_SHOWN:]
        if part.id != order.id
    ]
    person = keyboards.tap(
        texts.bare("button-person", name=brief(story.customer, 24)), staff_buttons.Card(user_id=order.user_id, new=True)
    )
    history = keyboards.tap(texts.bare("button-log"), callbacks.Log(of=f"order {order.id}"))
    return keyboards.stack(
        *(_deeds(story, acting) if helps else []),
        *keyboards.grid(parts, 3),
        *keyboards.grid(others, 3),
        [person, history],
    )


def _deeds(story: Story, acting: Acting) -> Sequence[Row]:
    texts, order, upstream = acting.texts, story.order, story.upstream
    missing = upstream.provider not in acting.settings.policy.providers
    asked = upstream.order_id is not None and order.status in ASKED and not missing
    refresh = keyboards.tap(
        texts.bare("button-ask-now", provider=upstream.provider), staff_buttons.Refresh(order_id=order.id)
    )
    off = keyboards.tap(texts.bare("button-call-off"), staff_buttons.CallOff(order_id=order.id), "danger")
    money = keyboards.tap(texts.bare("button-give-money"), staff_buttons.GiveMoney(order_id=order.id))
    again = keyboards.tap(texts.bare("button-resend"), staff_buttons.Resend(order_id=order.id))
    count = keyboards.tap(texts.bare("button-count"), callbacks.CountByHand(order_id=order.id))
    over = order.status in FINISHED
    can_stop = order.status == "queued" or (order.status == settlement.OPEN and not missing)
    return [
        [refresh] if asked else [],
        [count] if order.status == settlement.OPEN and _waits(story, missing=missing) else [],
        *(keyboards.decide(texts, order.id, story.tries[-1].number) if order.status == "unknown" else []),
        [again] if any(part.id == order.id for part, _ in GoalView(story.parts).rests) else [],
        [off] if can_stop else [],
        [money] if over and order.refunded < order.charge else [],
    ]


def asked(texts: Texts, told: Told) -> Html:
    """What a provider said when it was asked just now."""
    remains = "unknown" if told.remains is None else str(told.remains)
    return texts(
        "story-asked",
        code=told.code,
        provider=told.provider,
        word=told.word or "-",
        remains=remains,
        text=brief(told.text, 200) or "-",
    )
