"""How the page sees a message, its buttons and its files."""

from bot.sandbox.telegram.call import Wire
from bot.sandbox.telegram.chats import Message
from bot.sandbox.telegram.safe_html import safe_html


class View:
    """Draws messages; `files` is the path under which files are downloaded."""

    def __init__(self, files: str) -> None:
        self.files = files

    def __call__(self, message: Message) -> Wire:
        """The message for the page: a superset of what a person would see, its HTML safe to insert."""
        text = message.text or message.caption
        return {
            "message_id": message.id,
            "date": message.date,
            "from": "person" if message.sender else "bot",
            "sender": message.sender.name if message.sender else None,
            "text": text.plain or None,
            "html": safe_html(text) if text else None,
            "silent": message.silent,
            "edited": message.edit_date is not None,
            "keyboard": [[_button(b) for b in row] for row in message.inline_keyboard()] or None,
            "photo": message.photo
            and {
                "url": f"{self.files}/{message.photo.path}",
                "width": message.photo.width,
                "height": message.photo.height,
            },
            "document": message.document
            and {
                "url": f"{self.files}/{message.document.path}",
                "name": message.document.name,
                "size": len(message.document.data),
            },
            "invoice": message.invoice
            and {
                "title": message.invoice["title"],
                "description": message.invoice["description"],
                "currency": message.invoice["currency"],
                "total": message.invoice["total_amount"],
                "paid": message.chat_id in message.paid_by,
            },
            "payment": _service("paid", message.payment) or _service("refunded", message.refund),
            "reply_keyboard": _reply_keyboard(message.markup),
        }


def _button(button: Wire) -> Wire:
    return {
        "text": button["text"],
        "data": button.get("callback_data"),
        "url": button.get("url") or (button.get("web_app") or {}).get("url"),
        "copy": (button.get("copy_text") or {}).get("text"),
        "style": button.get("style"),
        "disabled": "disabled" in button,
        "pay": "pay" in button,
    }


def _service(what: str, payment: Wire | None) -> Wire | None:
    """A "paid" or "refunded" line between the messages."""
    return payment and {"what": what, "currency": payment["currency"], "total": payment["total_amount"]}


def _reply_keyboard(markup: Wire) -> list[list[str]] | None:
    rows = markup.get("keyboard") or []
    return [[b if isinstance(b, str) else str(b.get("text", "")) for b in row] for row in rows] or None
