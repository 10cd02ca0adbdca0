"""What Telegram refuses: over-long texts, bad keyboards, bad command names; with its own words."""

import re
from typing import Any

from bot.sandbox.telegram.call import Call, Wire, bad_request
from bot.sandbox.telegram.entities import Text, shows_nothing, utf16_length
from bot.sandbox.telegram.links import checked_link

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256
MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
MAX_COMMANDS = 100

STYLES = {"primary", "success", "danger"}

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_EXPIRED = "query is too old and response timeout expired or query ID is invalid"

# Exactly one of these says what a button does.
_BUTTON_KINDS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
)  # fmt: skip
_OBJECTS = {"web_app", "login_url", "switch_inline_query_chosen_chat", "copy_text", "callback_game", "disabled"}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def check_text(text: Text, *, editing: bool) -> None:
    """Refuse a text that shows nothing or is too long after its markup is applied."""
    if shows_nothing(text):
        raise bad_request("text must be non-empty")
    if utf16_length(text.plain) > MAX_TEXT:
        raise bad_request("MESSAGE_TOO_LONG" if editing else "message is too long")


def check_caption(caption: Text, *, editing: bool) -> None:
    """Refuse a caption that is too long."""
    if utf16_length(caption.plain) > MAX_CAPTION:
        raise bad_request("MEDIA_CAPTION_TOO_LONG" if editing else "message caption is too long")


def read_markup(call: Call, *, invoice: bool = False) -> Wire:
    """The `reply_markup` of a call, {} when there is none.

    Inline keyboards come back as Telegram keeps them: buttons without words fall away, empty rows too.
    """
    markup = call.decoded("reply_markup", "reply keyboard markup")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    kept = [[button for item in row if (button := _button(item))["text"]] for row in rows]
    kept = [row for row in kept if row]
    _check_size(kept)
    _check_pay_buttons(kept, invoice=invoice)
    return {"inline_keyboard": kept} if kept else {}


def _check_size(rows: list[list[Wire]]) -> None:
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_BUTTONS_IN_ROW for row in rows):
        raise bad_request("reply markup is too long")


def _check_pay_buttons(rows: list[list[Wire]], *, invoice: bool) -> None:
    paying = [button for row in rows for button in row if "pay" in button]
    if invoice and rows and paying != rows[0][:1]:
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    if not invoice and paying:
        raise bad_request("BUTTON_TYPE_INVALID")


def _button(item: Any) -> Wire:
    """One inline button, checked and reduced to the fields Telegram keeps."""

    def unreadable(reason: str) -> Exception:
        return bad_request(f"can't parse inline keyboard button: {reason}")

    if not isinstance(item, dict):
        raise unreadable("InlineKeyboardButton must be an Object")
    if "text" not in item:
        raise unreadable('Can\'t find field "text"')
    kinds = [kind for kind in _BUTTON_KINDS if item.get(kind) is not None and _says_something(kind, item[kind])]
    if not kinds:
        raise unreadable("Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise unreadable("InlineKeyboardButton must have exactly one optional field")
    if kinds[0] in _OBJECTS and not isinstance(item[kinds[0]], dict):
        raise unreadable(f'Field "{kinds[0]}" must be of type Object')
    style = item.get("style")
    if style is not None and style not in STYLES:
        raise unreadable("Unsupported button style specified")
    action = item[kinds[0]]
    if kinds[0] in {"url", "callback_data"}:
        action = str(action)
    button: Wire = {"text": str(item["text"]).strip(), kinds[0]: action}
    _check_action(kinds[0], button)
    for extra in ("style", "icon_custom_emoji_id"):
        if item.get(extra):
            button[extra] = item[extra]
    return button


def _says_something(kind: str, value: object) -> bool:
    """Empty links and data and `false` count as absent; an empty object, as of a disabled button, does not."""
    return value is not False and not (kind in {"url", "callback_data"} and value == "")


def _check_action(kind: str, button: Wire) -> None:
    value = button[kind]
    match kind:
        case "callback_data" if len(value.encode()) > MAX_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            try:
                button["url"] = checked_link(value)
            except ValueError as error:
                raise bad_request(f"inline keyboard button URL '{value}' is invalid: {error}") from None
        case "web_app" if not str(value.get("url", "")).startswith("https://"):
            raise bad_request(
                f"inline keyboard button Web App URL '{value.get('url', '')}' is invalid: Only HTTPS links are allowed"
            )
        case "copy_text" if not 1 <= utf16_length(str(value.get("text", ""))) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")


def read_commands(call: Call) -> list[Wire]:
    """The commands of setMyCommands, checked."""
    given = call.decoded("commands", "commands") or []
    if not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = []
    for item in given:
        if not isinstance(item, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        for name in ("command", "description"):
            if not isinstance(item.get(name), str):
                raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
        command = item["command"].strip().removeprefix("/")
        description = item["description"].strip()
        if not command:
            raise bad_request("command must be non-empty")
        if len(command) > 32:
            raise bad_request("command length must not exceed 32")
        if not description:
            raise bad_request("command description must be non-empty")
        if len(description) > 256:
            raise bad_request("command description length must not exceed 256")
        if not _COMMAND.fullmatch(command):
            raise bad_request("BOT_COMMAND_INVALID")
        commands.append({"command": command, "description": description})
    return commands


def read_language(call: Call) -> str:
    """The `language_code` of a call: two letters, or "" for everybody."""
    language = call.text("language_code")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("LANG_CODE_INVALID")
    return language
