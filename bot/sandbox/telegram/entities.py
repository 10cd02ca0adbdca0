"""Telegram's text markup: HTML to plain text with entities, exactly as strict as the real parser."""

import re
import string
from dataclasses import dataclass, field
from typing import NoReturn

from bot.sandbox.telegram.call import Call, Wire, bad_request
from bot.sandbox.telegram.links import checked_link

_TAGS = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]+))")
_SPACE = b" \t\r\n\v"
_TOKEN = (string.ascii_letters + string.digits + ".-").encode()
_END = 0  # the reader's text ends with this byte, so that it needs no bounds checks

_SPELLED = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "blockquote", "expandable_blockquote", "date_time",
}  # fmt: skip
_FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}

# Telegram drops carriage returns, line and paragraph separators and the old bidi overrides (U+202A to U+202E);
# the isolates U+2066 to U+2069 stay. Other control characters become spaces.
_DROPPED = frozenset("\r" + "".join(map(chr, range(0x2028, 0x202F))))
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\u2066-\u2069\u2800\ufeff\U000e0000-\U000e007f]*")

_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"']*[^\s<>\"'.,!?:;)\]])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
    r"|(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))",
    re.ASCII,
)


@dataclass(frozen=True)
class Text:
    """Plain text and its entities, offsets and lengths in UTF-16 units."""

    plain: str
    entities: list[Wire] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.plain)


def utf16_length(text: str) -> int:
    """The length Telegram counts: characters beyond U+FFFF count twice."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def read_text(call: Call, name: str, entities_name: str) -> Text:
    """The parameter `name` of a call with its markup applied, tidied, and links and commands found in it.

    Raises `Refused` for bad markup, an unknown parse mode or impossible entities.
    """
    source = call.text(name)
    if len(source.encode()) > 1 << 15:
        raise bad_request("text is too long")
    mode = call.text("parse_mode").lower()
    if source and mode and mode != "none":
        if mode != "html":
            # The shop writes HTML only; the Markdown modes are left to the real server.
            raise bad_request("unsupported parse_mode")
        text = parse_html(source)
    else:
        text = Text(source, _given_entities(call.decoded(entities_name, "entities"), utf16_length(source)))
    return detect(tidy(text))


def _given_entities(value: object, length: int) -> list[Wire]:
    """Entities that came as a parameter, in order; those that Telegram finds by itself are ignored."""
    found: list[Wire] = []
    for item in value if isinstance(value, list) else []:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind in _FOUND:
            continue
        if kind not in _SPELLED:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        offset, size = item.get("offset"), item.get("length")
        if not isinstance(offset, int) or offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if not isinstance(size, int) or size < 0:
            raise bad_request(f"receive an entity with incorrect length {size}")
        if offset > length:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if offset + size > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + size}"
            )
        user = item.get("user")
        if kind == "text_mention" and not (isinstance(user, dict) and isinstance(user.get("id"), int)):
            raise bad_request("can't parse MessageEntity: Can't find field \"user\"")
        if kind == "text_link":
            url = str(item.get("url", ""))
            try:
                found.append({**item, "url": checked_link(url)})
            except ValueError as error:
                raise bad_request(f"entity URL '{url}' is invalid: {error}") from None
        else:
            found.append({key: part for key, part in item.items() if part is not None})
    return _sorted(found)


def _sorted(entities: list[Wire]) -> list[Wire]:
    return sorted((e for e in entities if e["length"] > 0), key=lambda e: (e["offset"], -e["length"]))


def tidy(text: Text) -> Text:
    """Clean and trim as Telegram does, the entities moving along with the text.

    Leading blanks go only before the first entity; trailing ones always.
    """
    kept: list[str] = []
    moved: list[int] = []  # the new offset of every old UTF-16 offset
    length = 0
    first = text.entities[0]["offset"] if text.entities else utf16_length(text.plain)
    for char in text.plain:
        units = 2 if char > "\uffff" else 1
        moved.extend([length] * units)
        if ord(char) < 0x20 and char not in "\n\r":
            char = " "  # noqa: PLW2901
        if char in _DROPPED or (not kept and char in " \n" and len(moved) <= first):
            continue
        kept.append(char)
        length += units
    plain = "".join(kept).rstrip(" \n")
    moved.append(length)
    end = utf16_length(plain)
    entities = []
    for entity in text.entities:
        start = min(moved[entity["offset"]], end)
        stop = min(moved[entity["offset"] + entity["length"]], end)
        entities.append({**entity, "offset": start, "length": stop - start})
    return Text(plain, _sorted(entities))


def detect(text: Text) -> Text:
    """Add the entities Telegram finds by itself: links, e-mail addresses, mentions and /commands."""
    closed = [
        (e["offset"], e["offset"] + e["length"])
        for e in text.entities
        if e["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    found = list(text.entities)
    for match in _DETECTED.finditer(text.plain):
        start = utf16_length(text.plain[: match.start()])
        size = utf16_length(match.group())
        if all(start + size <= low or start >= high for low, high in closed):
            found.append({"type": str(match.lastgroup), "offset": start, "length": size})
    return Text(text.plain, _sorted(found))


def shows_nothing(text: Text) -> bool:
    """Whether nothing of the text can be seen; such a message is refused."""
    return _INVISIBLE.fullmatch(text.plain) is not None


@dataclass
class _Open:
    tag: str
    start: int  # UTF-16 offset in the plain text
    out_start: int  # byte offset in the plain text
    attributes: dict[str, str]


def parse_html(source: str) -> Text:
    """Plain text and entities of Telegram's HTML. Raises `Refused` with the real parser's words."""
    return _HtmlReader(source).read()


class _HtmlReader:
    """A cursor over the bytes of the source: the real parser reports byte offsets."""

    def __init__(self, source: str) -> None:
        self.data = source.replace("\0", " ").encode() + bytes([_END])
        self.at = 0
        self.out = bytearray()
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Wire] = []

    def fail(self, reason: str) -> NoReturn:
        raise bad_request(f"can't parse entities: {reason}")

    def read(self) -> Text:
        while (byte := self.data[self.at]) != _END:
            if byte == ord("&") and (char := self.reference()):
                self.put(char.encode())
            elif byte != ord("<"):
                self.put(self.data[self.at : self.at + 1])
                self.at += 1
            elif self.data[self.at + 1] == ord("/"):
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            self.fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return Text(self.out.decode(), _sorted(self.entities))

    def put(self, piece: bytes) -> None:
        for byte in piece:
            # Continuation bytes add nothing; a four-byte character is two UTF-16 units.
            self.units += (byte & 0xC0 != 0x80) + (byte >= 0xF0)
        self.out += piece

    def reference(self) -> str:
        """The character of the reference at the cursor, which moves behind it; "" if it is no reference."""
        match = _REFERENCE.match(self.data, self.at)
        if match is None:
            return ""
        if match[3] is not None:
            char = _NAMED.get(match[3], "")
        else:
            code = int(match[1] or b"0", 16) if match[1] is not None else int(match[2] or b"0")
            if code == 0 or code >= 0x10FFFF or len(match[0]) >= 10:
                return ""
            if 0xD800 <= code <= 0xDFFF:
                self.fail(
                    "Text contains invalid Unicode characters after decoding HTML entities, "
                    "check for unmatched surrogate code units"
                )
            char = chr(code)
        if char:
            self.at = match.end() + (self.data[match.end()] == ord(";"))
        return char

    def word(self, stops: bytes) -> str:
        """The bytes up to a blank, one of `stops` or the end, in lower case."""
        begin = self.at
        while self.data[self.at] != _END and self.data[self.at] not in _SPACE + stops:
            self.at += 1
        return self.data[begin : self.at].decode(errors="replace").lower()

    def blanks(self) -> int:
        """Skip blanks; the byte behind them."""
        while self.data[self.at] in _SPACE:
            self.at += 1
        return self.data[self.at]

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self.word(b">")
        if self.data[self.at] == _END:
            self.fail(f"Unclosed start tag at byte offset {begin}")
        if tag not in _TAGS:
            self.fail(f'Unsupported start tag "{tag}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        while self.blanks() != ord(">"):
            if self.data[self.at] == _END:
                self.fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
            name = self.word(b"=>")
            if not name:
                self.fail(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            attributes[name] = self.attribute_value(tag, begin) if self.blanks() == ord("=") else ""
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            self.fail(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, self.units, len(self.out), attributes))

    def attribute_value(self, tag: str, begin: int) -> str:
        self.at += 1
        quote = self.blanks()
        if quote == _END:
            self.fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if quote not in b"'\"":
            token_begin = self.at
            while self.data[self.at] in _TOKEN:
                self.at += 1
            if self.data[self.at] not in _SPACE + b">":
                self.fail(f"Unexpected end of name token at byte offset {token_begin}")
            return self.data[token_begin : self.at].decode().lower()
        self.at += 1
        value = bytearray()
        while self.data[self.at] not in (quote, _END):
            if self.data[self.at] == ord("&") and (char := self.reference()):
                value += char.encode()
            else:
                value.append(self.data[self.at])
                self.at += 1
        if self.data[self.at] == _END or self.data[self.at + 1] == _END:
            self.fail(f"Unclosed start tag at byte offset {begin}")
        self.at += 1
        return value.decode()

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            self.fail(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        tag = self.word(b">")
        if self.blanks() != ord(">"):
            self.fail(f"Unclosed end tag at byte offset {begin}")
        opened = self.open.pop()
        if tag and tag != opened.tag:
            self.fail(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"')
        self.at += 1
        if self.units > opened.start:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        """Make the entity of an element that has just ended, if it makes one."""
        entity: Wire = {
            "type": _TAGS[opened.tag],
            "offset": opened.start,
            "length": self.units - opened.start,
        }
        attributes = opened.attributes
        if opened.tag == "a":
            target = attributes.get("href") or self.out[opened.out_start :].decode()
            try:
                entity["url"] = checked_link(target)
            except ValueError:
                return  # Telegram shows the words of a broken link and drops the link
        elif opened.tag == "tg-emoji":
            emoji = attributes.get("emoji-id", "")
            if not (emoji.isascii() and emoji.isdigit() and 0 < int(emoji) < 1 << 63):
                self.fail("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = emoji
        elif opened.tag == "tg-time":
            moment = attributes.get("unix", "")
            if not (moment.isascii() and moment.isdigit()):
                self.fail("Invalid date specified")
            entity |= {"unix_time": int(moment), "date_time_format": attributes.get("format", "")}
        elif opened.tag == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "pre" and self.entities and self.entities[-1]["type"] == "code":
            # <pre><code class="language-x"> is one block of code in a language.
            inner = self.entities[-1]
            same = all(inner[key] == entity[key] for key in ("offset", "length"))
            if same and inner.get("language"):
                entity["language"] = self.entities.pop()["language"]
        elif opened.tag == "code" and attributes.get("class", "").startswith("language-"):
            entity["language"] = attributes["class"].removeprefix("language-")
        self.entities.append(entity)
