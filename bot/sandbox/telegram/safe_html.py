"""Text with entities to HTML that a page may insert as it is: everything escaped, only Telegram's tags."""

from html import escape

from bot.sandbox.telegram.call import Wire
from bot.sandbox.telegram.entities import Text

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_SCHEMES = ("http://", "https://", "tg:", "mailto:")


def safe_html(text: Text) -> str:
    """The text as HTML. Overlapping entities are cut so that the tags nest."""
    units = text.plain.encode("utf-16-le")
    return _span(units, 0, len(units) // 2, sorted(text.entities, key=lambda e: (e["offset"], -e["length"])))


def _span(units: bytes, start: int, stop: int, entities: list[Wire]) -> str:
    """The HTML of one stretch; `entities` all begin inside it, outermost first."""
    parts: list[str] = []
    at = start
    rest = list(entities)
    while rest:
        entity = rest.pop(0)
        low, high = entity["offset"], min(entity["offset"] + entity["length"], stop)
        inner: list[Wire] = []
        while rest and rest[0]["offset"] < high:
            child = rest.pop(0)
            inner.append(child)
            beyond = child["offset"] + child["length"] - high
            if beyond > 0:
                # What sticks out is a second piece behind this entity's end.
                rest.append({**child, "offset": high, "length": beyond})
        rest.sort(key=lambda e: (e["offset"], -e["length"]))
        parts.append(_escaped(units, at, low))
        opening, closing = _tags(entity, units)
        parts.append(f"{opening}{_span(units, low, high, inner)}{closing}")
        at = high
    parts.append(_escaped(units, at, stop))
    return "".join(parts)


def _escaped(units: bytes, start: int, stop: int) -> str:
    return escape(_plain(units, start, stop))


def _plain(units: bytes, start: int, stop: int) -> str:
    return units[2 * start : 2 * stop].decode("utf-16-le", errors="replace")


def _tags(entity: Wire, units: bytes) -> tuple[str, str]:
    if tag := _TAGS.get(entity["type"]):
        return f"<{tag}>", f"</{tag}>"
    href = _target(entity, units)
    if not href.lower().startswith(_SCHEMES):
        return "", ""
    return f'<a href="{escape(href)}" target="_blank" rel="noopener noreferrer">', "</a>"


def _target(entity: Wire, units: bytes) -> str:
    words = _plain(units, entity["offset"], entity["offset"] + entity["length"])
    match entity["type"]:
        case "text_link":
            return str(entity.get("url", ""))
        case "text_mention":
            return f"tg://user?id={int(entity['user']['id'])}"
        case "url":
            return words
        case "email":
            return f"mailto:{words}"
    return ""
