"""What the reseller's page shows, ready for JSON: settings without their secrets, customers, sales, what came."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from bot.sandbox.site.books import CENT, Books, Customer, Sale


def view(books: Books, *, settings: dict[str, Any], wallet: str | None) -> dict[str, Any]:
    """Everything at once: the page asks for it every second."""
    terms = {"currency": books.currency, "factor": str(books.factor)}
    return {
        "settings": settings | terms,
        "wallet": wallet,
        "customers": [customer_view(each) for each in books.customers.values()],
        "sales": [sale_view(sale) for sale in books.sales],
        "log": [asdict(event) for event in books.log],
    }


def customer_view(customer: Customer) -> dict[str, Any]:
    """A customer with their statement, the newest line first."""
    lines = [
        {**asdict(each), "amount": amount(each.amount), "balance": amount(each.balance)} for each in customer.statement
    ]
    return {"id": customer.id, "name": customer.name, "balance": amount(customer.balance), "statement": lines[::-1]}


def sale_view(sale: Sale) -> dict[str, Any]:
    """A sale as its cards show it; `told` is the newest event's data, as it came."""
    seen = asdict(sale)
    amounts = {name: amount(value) for name, value in seen.items() if isinstance(value, Decimal)}
    return {**seen, **amounts, "reference": sale.reference, "ended": sale.ended}


def amount(value: Decimal) -> str:
    """Two decimals, or as many more as it takes."""
    cents = value.quantize(CENT)
    return str(cents if cents == value else value)
