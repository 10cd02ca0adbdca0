"""Invoices and Telegram Stars: what is asked, checked, paid, listed and given back."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.call import Call, Handler, Wire, bad_request
from bot.sandbox.telegram.chats import Chats, Person
from bot.sandbox.telegram.rules import QUERY_EXPIRED, read_markup
from bot.sandbox.telegram.talk import Talk
from bot.sandbox.telegram.updates import Updates

STARS = "XTR"
MAX_STARS = 100_000
LINK = "https://t.me/$"


@dataclass(frozen=True)
class Invoice:
    """What is to be paid; `total` in the smallest units of the currency, Stars being whole."""

    title: str
    description: str
    payload: str
    currency: str
    total: int
    start_parameter: str

    def wire(self) -> Wire:
        """The invoice as the Bot API shows it; the payload is between Telegram and the bot."""
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": self.currency,
            "total_amount": self.total,
        }


def read_invoice(call: Call) -> Invoice:
    """The invoice of sendInvoice or createInvoiceLink, checked. Amounts are integers, never fractions."""
    title, description = call.required("title"), call.required("description")
    payload = call.required("payload")
    currency = call.required("currency")
    prices = call.decoded("prices", "prices")
    if not isinstance(prices, list):
        raise bad_request("expected an Array of labeled prices")
    for price in prices:
        if not isinstance(price, dict) or not price.get("label"):
            raise bad_request("can't parse labeled price: LabeledPrice label must be non-empty")
        if not isinstance(price.get("amount"), int):
            raise bad_request('can\'t parse labeled price: Field "amount" must be of type Number')
    if not prices:
        raise bad_request("there must be at least one price")
    if len(title) > 32:
        raise bad_request("TITLE_INVALID")
    if len(description) > 255:
        raise bad_request("DESCRIPTION_INVALID")
    if len(payload.encode()) > 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    total = sum(price["amount"] for price in prices)
    if currency == STARS:
        if len(prices) != 1 or call.text("provider_token"):
            raise bad_request("STARS_INVOICE_INVALID")
        if not 0 < total <= MAX_STARS:
            raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    elif not call.text("provider_token"):
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    elif total <= 0:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return Invoice(title, description, payload, currency, total, call.text("start_parameter"))


class Payments:
    """The till: invoices out, payments in, refunds back."""

    def __init__(
        self,
        chats: Chats,
        talk: Talk,
        updates: Updates,
        clock: Callable[[], float],
        *,
        pre_checkout_seconds: float,
    ) -> None:
        self.chats = chats
        self.talk = talk
        self.updates = updates
        self.clock = clock
        self.pre_checkout_seconds = pre_checkout_seconds
        self._invoices: dict[int, Invoice] = {}  # by message
        self._links: dict[str, Invoice] = {}
        self._checks: dict[str, asyncio.Future[str]] = {}  # "" is approval, anything else the refusal
        self._charges: dict[str, tuple[Person, Invoice]] = {}
        self._refunded: set[str] = set()
        self._transactions: list[Wire] = []

    def methods(self) -> dict[str, Handler]:
        """The Bot API methods of this part."""
        return {
            "sendInvoice": self.send_invoice,
            "createInvoiceLink": self.create_link,
            "answerPreCheckoutQuery": self.answer_pre_checkout,
            "refundStarPayment": self.refund,
            "getStarTransactions": self.transactions,
            "getMyStarBalance": lambda call: {"amount": self.balance()},
        }

    def send_invoice(self, call: Call) -> Wire:
        """sendInvoice; without buttons of its own it gets the Pay button."""
        invoice = read_invoice(call)
        markup = read_markup(call, invoice=True)
        chat_id = self.chats.addressed(call, writing=True)
        if not markup:
            markup = {"inline_keyboard": [[{"text": f"Pay {_price(invoice)}", "pay": True}]]}
        message = self.talk.sent(call, chat_id, invoice=invoice.wire(), markup=markup)
        self._invoices[message["message_id"]] = invoice
        return message

    def create_link(self, call: Call) -> str:
        """createInvoiceLink: anybody may pay it, any number of times."""
        link = f"{LINK}{secrets.token_urlsafe(12)}"
        self._links[link] = read_invoice(call)
        return link

    # Paying

    async def pay(self, person: Person, *, message_id: int = 0, link: str = "", lost: bool = False) -> str:
        """A person pays an invoice; "" when it went through, else the reason in Telegram's words.

        `lost` keeps the news of the payment from the bot: only getStarTransactions tells of it.
        """
        invoice = self._links.get(link) or self._invoices.get(message_id)
        if invoice is None:
            return "INVOICE_INVALID"
        if not link and (refusal := self._paid_before(person, message_id)):
            return refusal
        if refusal := await self._pre_checkout(person, invoice):
            return refusal
        if not link and (refusal := self._paid_before(person, message_id)):
            return refusal  # two taps on Pay, both approved: the first one has won
        if not link and (message := self.chats.find(message_id)) is not None:
            message.paid_by.add(person.id)
            self.chats.show(message)
        self._settle(person, invoice, lost=lost)
        return ""

    def _paid_before(self, person: Person, message_id: int) -> str:
        message = self.chats.find(message_id)
        if message is None:
            return "MESSAGE_ID_INVALID"
        return "INVOICE_ALREADY_PAID" if person.id in message.paid_by else ""

    async def _pre_checkout(self, person: Person, invoice: Invoice) -> str:
        """Ask the bot whether the payment may go on; no answer in time is a no."""
        query_id = str(secrets.randbelow(10**18) + 10**18)
        check: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._checks[query_id] = check
        query = {
            "id": query_id,
            "from": person.user(),
            "currency": invoice.currency,
            "total_amount": invoice.total,
            "invoice_payload": invoice.payload,
        }
        self.updates.put("pre_checkout_query", query)
        try:
            async with asyncio.timeout(self.pre_checkout_seconds):
                return await check
        except TimeoutError:
            return "BOT_PRECHECKOUT_TIMEOUT"
        finally:
            del self._checks[query_id]

    def answer_pre_checkout(self, call: Call) -> bool:
        """answerPreCheckoutQuery."""
        approved = call.flag("ok")
        refusal = "" if approved else call.required("error_message")
        check = self._checks.get(call.text("pre_checkout_query_id"))
        if check is None or check.done():
            raise bad_request(QUERY_EXPIRED)
        check.set_result(refusal)
        return True

    def _settle(self, person: Person, invoice: Invoice, *, lost: bool) -> None:
        charge_id = f"stx{secrets.token_urlsafe(18)}"
        self._charges[charge_id] = (person, invoice)
        if invoice.currency == STARS:
            self._record(charge_id, person, invoice, "source")
        payment = {
            "currency": invoice.currency,
            "total_amount": invoice.total,
            "invoice_payload": invoice.payload,
            "telegram_payment_charge_id": charge_id,
            "provider_payment_charge_id": f"{person.id}_{len(self._charges)}",
        }
        message = self.chats.add(person.id, person, payment=payment)
        self.chats.note("paid", person.id, _price(invoice), message)
        if not lost:
            self.updates.put("message", self.chats.wire(message))

    # Stars

    def _record(self, charge_id: str, person: Person, invoice: Invoice, side: str) -> None:
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": person.user(),
            "invoice_payload": invoice.payload,
        }
        self._transactions.append({"id": charge_id, "amount": invoice.total, "date": int(self.clock()), side: partner})

    def balance(self) -> int:
        """The bot's Stars."""
        return sum(t["amount"] if "source" in t else -t["amount"] for t in self._transactions)

    def transactions(self, call: Call) -> Wire:
        """getStarTransactions: oldest first; a refund has the id of the payment and a receiver."""
        offset = call.integer("offset", 0, 0)
        limit = call.integer("limit", 100, 1, 100)
        return {"transactions": self._transactions[offset : offset + limit]}

    def refund(self, call: Call) -> bool:
        """refundStarPayment: the whole payment, once."""
        user_id = call.integer("user_id")
        if user_id <= 0:
            raise bad_request("invalid user_id specified")
        charge_id = call.required("telegram_payment_charge_id")
        person, invoice = self._charges.get(charge_id, (None, None))
        if person is None or invoice is None or person.id != user_id or invoice.currency != STARS:
            raise bad_request("CHARGE_NOT_FOUND")
        if charge_id in self._refunded:
            raise bad_request("CHARGE_ALREADY_REFUNDED")
        self._refunded.add(charge_id)
        self._record(charge_id, person, invoice, "receiver")
        refund = {
            "currency": invoice.currency,
            "total_amount": invoice.total,
            "invoice_payload": invoice.payload,
            "telegram_payment_charge_id": charge_id,
        }
        message = self.chats.add(person.id, person, refund=refund)
        self.chats.note(call.method, person.id, _price(invoice), message)
        self.updates.put("message", self.chats.wire(message))
        return True

    def close(self) -> None:
        """End the waiting of everybody who is paying; the server is going down."""
        for check in self._checks.values():
            if not check.done():
                check.set_result("the sandbox is closing")


def _price(invoice: Invoice) -> str:
    return f"⭐ {invoice.total}" if invoice.currency == STARS else f"{invoice.total} {invoice.currency}"
