"""Why the panel API refuses something, in the field's own words where it has some: programs look for them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from services import errors, reseller_errors
from services.errors import ShopError

ORDER, SERVICE, REFILL = "Incorrect order ID", "Incorrect service ID", "Refill not found"
KEY = "Invalid API key"
CANCELS: Mapping[str, str] = {
    "refused": "Cancel is not available for this order",
    "silent": "The server did not answer, please try again later",
    "waiting": "The order cannot be canceled at the moment, please try again later",
    "over": "The order has ended already",
}
"""Why an order was not canceled, by the codes of services.panel_canceling."""


def sentence(refusal: ShopError) -> str:
    """A refusal in one English sentence."""
    told = _SENTENCES.get(type(refusal))
    return "The request cannot be carried out" if told is None else told(refusal.params)


def _parameter(given: Mapping[str, Any]) -> str:
    wrong = {
        "missing": "is missing",
        "whole": "is not a whole number",
        "amount": "is not an amount with at most 6 decimals",
        "currency": "is not a currency code of three letters",
        "long": f"has more than {given['maximum']} characters, or some that cannot be used",
        "unsupported": "is not available for this service",
    }
    return f"Parameter {given['name']} {wrong[given['reason']]}"


def _answer(given: Mapping[str, Any]) -> str:
    """An answer to one of the questions of a type, by the reasons of BadAnswer."""
    match given["reason"]:
        case "few":
            return f"Quantity less than minimal {given['minimum']}"
        case "many":
            return f"Quantity more than maximal {given['maximum']}"
        case "range":
            return f"Parameters min and max must be from {given['minimum']} to {given['maximum']}, min first"
    wrong = {
        "empty": "is missing",
        "number": f"is not a whole number from {given['minimum']} to {given['maximum']}",
        "choice": "is not one of the values to choose from",
        "date": "is not a date like 31/12/2026",
        "past": "is over, or more than a year ahead",
        "form": f"has something that cannot be used at number {given['given']}",
        "long": f"has more than {given['maximum']} characters at line {given['given']}",
        "size": f"has more than {given['maximum']} KB",
        "uneven": f"does not split {given['count']} into equal parts",
    }
    return f"Parameter {given['field']} {wrong.get(given['reason'], 'cannot be used')}"


def _link(given: Mapping[str, Any]) -> str:
    wrong = {
        "empty": "Link is missing",
        "long": "Incorrect link: longer than 500 characters",
        "platform": f"Incorrect link: it does not lead to {given.get('platform', '')}",
        "profile": "Incorrect link: it is not that of a profile",
    }
    return wrong.get(given["reason"], "Incorrect link")


def _wait(given: Mapping[str, Any]) -> str:
    wait: timedelta = given["wait"]
    minutes = -(-int(wait.total_seconds()) // 60)
    return f"Refill will be available in {minutes // 60} hours {minutes % 60} minutes"


def _refill(given: Mapping[str, Any]) -> str:
    return "Refill is not available: the guarantee has ended" if given["reason"] == "over" else _NO_REFILL


_NO_REFILL = "Refill is not available for this order"
_SENTENCES: Mapping[type[ShopError], Callable[[Mapping[str, Any]], str]] = {
    errors.BadLink: _link,
    errors.BadAnswer: _answer,
    reseller_errors.BadParameter: _parameter,
    errors.QuantityTooSmall: lambda given: f"Quantity less than minimal {given['minimum']}",
    errors.QuantityTooLarge: lambda given: f"Quantity more than maximal {given['maximum']}",
    errors.NotEnoughMoney: lambda _: "Not enough funds on balance",
    errors.ServiceGone: lambda _: SERVICE,
    reseller_errors.TypeNotTaken: lambda given: f"Services of the type {given['type']} cannot be ordered here",
    errors.OrderNotFound: lambda _: ORDER,
    errors.NoRefill: _refill,
    errors.RefillTooEarly: _wait,
    errors.SalesStopped: lambda _: "Ordering is paused at the moment, please try again later",
    errors.UnderMaintenance: lambda given: f"Maintenance: {given['message']}",
    errors.PriceChanged: lambda _: "The price has just changed, please try again",
    reseller_errors.KeyLimitReached: lambda given: (
        f"The spending limit of this API key is reached: {given['limit']} a day"
    ),
    reseller_errors.RequestTaken: lambda _: "The request_id was used before with other content",
    reseller_errors.NotAReseller: lambda _: "This account may not use the API",
}
