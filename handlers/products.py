"""A service as customers read it: its button in a list, and its card."""

from handlers import amounts, badges, guarantees
from handlers.i18n import Texts
from handlers.screens import brief, lines, tidy
from services.catalog import ServiceView
from services.health import Health

LONGEST_DESCRIPTION = 600


def trait(service: ServiceView) -> str:
    """What sets a service apart in its category: its name without the category's."""
    name = service.name
    for category in (service.category, service.known_as):
        if category and name.casefold().startswith(category.casefold()):
            return tidy(name[len(category) :])
    return tidy(name)


def label(texts: Texts, service: ServiceView, fares: Health) -> str:
    """What is on its button."""
    distinct, price = trait(service), amounts.rate(texts, service.rate, service.unit)
    badge = badges.brief(texts, fares)
    if not distinct:
        return texts.bare("button-service", server=service.server, price=price, badge=badge)
    return texts.bare("button-service-trait", server=service.server, price=price, badge=badge, trait=brief(distinct))


def card(texts: Texts, service: ServiceView, fares: Health, *, selling: bool) -> str:
    """All that customers are told of it. Where nothing is sold it says so."""
    distinct = trait(service)
    description = (service.description or "").strip()
    return lines(
        texts("service-title", category=service.category),
        texts("service-server-trait", server=service.server, trait=distinct)
        if distinct
        else texts("service-server", server=service.server),
        "",
        *(
            (texts("service-description", description=brief(description, LONGEST_DESCRIPTION)), "")
            if description
            else ()
        ),
        texts("service-price", price=service.rate, unit=service.unit),
        texts("service-limits", min=service.min, max=service.max, unit=service.unit)
        if service.unit != "package"
        else None,
        texts("service-pace", pace=service.pace) if service.pace else None,
        *badges.told(texts, fares),
        "",
        guarantees.promised(texts, service.refill, service.guarantee_days),
        texts("service-cancel", has=_word(service.cancel)),
        texts("service-dripfeed", has=_word(service.dripfeed)),
        *(() if selling else ("", texts("service-paused"))),
    )


def _word(has: bool) -> str:
    return "yes" if has else "no"
