"""A reseller's site in small: it sells through the panel API, hears of changes, and sets its customers right."""

from bot.sandbox.site.books import Books, Event, Sale
from bot.sandbox.site.server import ResellerSite

__all__ = ["Books", "Event", "ResellerSite", "Sale"]
