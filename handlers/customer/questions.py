"""The questions of an order being made, and the quote that answers them: pure screens."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from aiogram.filters.callback_data import CallbackData

from handlers import amounts, callbacks, keyboards
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, brief, lines, shown
from handlers.states import Draft
from services import links, order_fields, order_types, pricing
from services.catalog import ServiceView
from services.errors import InvalidInput
from services.order_fields import LISTS, NEVER
from services.order_types import DRIP
from services.quotes import QuoteView


def head(texts: Texts, service: ServiceView, link: str | None = None) -> str:
    """What is being ordered, and for which link."""
    named = texts("ordering", category=service.category, server=service.server)
    return named if link is None else lines(named, texts("ordering-link", link=anchor(texts, link)))


def anchor(texts: Texts, link: str) -> Html:
    """A link to tap, shortened for reading."""
    return texts("link", url=link, shown=shown(link))


def link_question(texts: Texts, service: ServiceView, kept: str | None, problem: str | None = None) -> Screen:
    """Which link? `kept` was given before; `problem` is what was wrong with the last answer."""
    platform = service.platform
    asked = texts("link-question-platform", platform=platform) if platform else texts("link-question")
    example = platform and not problem and service.unit != "post"
    text = lines(
        *((problem, "") if problem else ()),
        head(texts, service),
        "",
        texts("profile-question") if service.unit == "post" else asked,
        texts("link-example", example=links.PLATFORMS[platform].example) if example else None,
        texts("link-kept", link=anchor(texts, kept)) if kept else None,
    )
    keep = keyboards.tap(texts.bare("button-keep-link"), callbacks.KeepLink(service_id=service.id), "primary")
    return Screen(
        text,
        keyboards.stack(
            [keep] if kept else [],
            [keyboards.back(texts, callbacks.Product(service_id=service.id)), keyboards.cancel(texts)],
        ),
    )


def quantity_question(
    texts: Texts,
    service: ServiceView,
    draft: Draft,
    suggested: Sequence[int],
    back: CallbackData,
    problem: str | None = None,
) -> Screen:
    """How many? `suggested` become buttons, and so does what was chosen before."""
    kept, each = draft.quantity, order_fields.composed(draft.answers).subscription
    kind = order_types.of(service.type)
    smallest, largest = kind.quantities(service.min, service.max) if kind else (service.min, service.max)
    text = lines(
        *((problem, "") if problem else ()),
        head(texts, service, draft.link),
        "",
        texts("quantity-question", min=smallest, max=largest, unit=service.unit),
        texts("quantity-kept", quantity=amounts.amount(texts, kept, service.unit)) if kept else None,
    )
    numbers = sorted({*suggested, kept} if kept and smallest <= kept <= largest else set(suggested))
    buttons = [
        keyboards.tap(
            texts.bare(
                "button-quantity",
                quantity=amounts.amount(texts, number, service.unit),
                price=pricing.charge(service.rate, number, each.max if each else 1),
            ),
            callbacks.Pick(service_id=service.id, quantity=number),
            "primary" if number == kept else None,
        )
        for number in numbers
    ]
    return Screen(text, keyboards.stack(*keyboards.grid(buttons, 2), _ways_back(texts, back)))


def further_question(
    texts: Texts,
    service: ServiceView,
    draft: Draft,
    name: str,
    suggested: Sequence[str],
    back: CallbackData,
    problem: str | None = None,
) -> Screen:
    """A question beside link and quantity; `suggested` answers become buttons, and so does the one given before."""
    quantity, kept = draft.quantity or 0, draft.answers.get(name)
    kind = order_types.of(service.type)
    limited = name == "each" or (kind is not None and kind.counted_by == name)
    limits = (service.min, service.max) if limited else (0, 0)
    whose = "comment" if service.type.startswith("Comment") else "account"
    text = lines(
        *((problem, "") if problem else ()),
        head(texts, service, draft.link),
        texts("ordering-quantity", quantity=quantity) if name in DRIP else None,
        "",
        texts("answer-question", field=name, whose=whose, quantity=quantity, minimum=limits[0], maximum=limits[1]),
    )
    buttons = [
        keyboards.tap(
            _answer(texts, name, answer, quantity),
            callbacks.Answer(service_id=service.id, field=name, value=answer),
            "primary" if answer == kept else None,
        )
        for answer in suggested
    ]
    keep: Row = []
    if kept is not None and kept not in suggested:
        label = texts.bare("button-keep-answer", answer=_answer(texts, name, kept, quantity))
        keep = [keyboards.tap(label, callbacks.KeepAnswer(service_id=service.id, field=name), "primary")]
    return Screen(text, keyboards.stack(*keyboards.grid(buttons, 2), keep, _ways_back(texts, back)))


def _answer(texts: Texts, name: str, answer: str, quantity: int) -> str:
    """An answer as a button says it; `quantity` is that of the order."""
    if name in LISTS:
        return texts.bare("answer-lines", field=name, count=len(answer.splitlines()))
    said = _SAID.get(name)
    return said(texts, answer, quantity) if said else shown(answer, 32)


def _each(texts: Texts, answer: str, _: int) -> str:
    least, dash, most = answer.partition("-")
    if not dash:
        return texts.bare("answer-number", number=int(least))
    return texts.bare("answer-range", least=int(least), most=int(most))


def _delay(texts: Texts, answer: str, _: int) -> str:
    return texts.bare("answer-delay", minutes=int(answer), span=timedelta(minutes=int(answer)))


_SAID: Mapping[str, Callable[[Texts, str, int], str]] = {
    "runs": lambda texts, answer, quantity: texts.bare(
        "button-runs", runs=int(answer), quantity=quantity // int(answer)
    ),
    "interval": lambda texts, answer, _: texts.span(timedelta(minutes=int(answer))),
    "each": _each,
    "delay": _delay,
    "expiry": lambda texts, answer, _: (
        texts.bare("answer-never") if answer == NEVER else texts.day(date.fromisoformat(answer))
    ),
    "username": lambda _texts, answer, _: f"@{brief(answer)}",
    "hashtag": lambda _texts, answer, _: f"#{brief(answer)}",
}


def _ways_back(texts: Texts, back: CallbackData) -> Row:
    return [keyboards.back(texts, back), keyboards.cancel(texts)]


def quote_screen(texts: Texts, quote: QuoteView, back: CallbackData, note: str | None = None) -> Screen:
    """The exact price, the balance now and after; with too little money, what is missing and how to get it."""
    text = lines(
        *((note, "") if note else ()),
        texts("quote-title"),
        "",
        head(texts, quote.service, quote.link),
        texts("ordering-quantity", quantity=amounts.amount(texts, quote.quantity, quote.service.unit)),
        *amounts.details(texts, quote.quantity, quote.extras),
        texts("quote-price", price=quote.price),
        "",
        texts("quote-balance", balance=quote.balance),
        texts("quote-missing", missing=quote.missing) if quote.missing else texts("quote-after", after=quote.after),
        "",
        texts("quote-hint-missing") if quote.missing else texts("quote-hint", asks=_asks(quote.service)),
    )
    if quote.missing:
        pay = keyboards.tap(texts.bare("button-top-up"), callbacks.Wallet(), "primary")
    else:
        pay = keyboards.tap(texts.bare("button-confirm"), callbacks.Confirm(token=quote.token), "success")
    return Screen(text, keyboards.stack([pay], _spreading(texts, quote), _ways_back(texts, back)))


def _asks(service: ServiceView) -> str:
    """What another number at the quote would change."""
    kind = order_types.of(service.type)
    return "quantity" if kind is not None and kind.asks_quantity else "nothing"


def _spreading(texts: Texts, quote: QuoteView) -> Row:
    """Drip-feed on, changed or off; nothing for a rest, whose size is given, and where it is not to be had."""
    if not quote.service.spreads or quote.replaces_id is not None:
        return []
    change = callbacks.Ask(service_id=quote.service.id, field=DRIP[0])
    if quote.extras.drip is None:
        return [keyboards.tap(texts.bare("button-spread"), change)]
    at_once = keyboards.tap(texts.bare("button-at-once"), callbacks.AtOnce(service_id=quote.service.id))
    return [keyboards.tap(texts.bare("button-change-spread"), change), at_once]


def sentence(texts: Texts, refusal: InvalidInput) -> Html:
    """What is wrong with an answer, and what to do."""
    return texts(refusal.code, **refusal.params)
