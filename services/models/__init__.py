"""Every table of the shop, once, for SQLite (STRICT) and PostgreSQL alike."""

from services.models.books import ACCOUNT_KINDS, Account, Transfer
from services.models.purchases import (
    ATTEMPT_OUTCOMES,
    LINK_CODES,
    ORDER_STATUSES,
    PLACING,
    POLLED,
    QUEUED,
    RESTS,
    UNKNOWN,
    WAITED_FOR,
    Attempt,
    CheckedLink,
    Order,
    OrderEvent,
    Quote,
    WaitingRest,
)
from services.models.schema import Model
from services.models.shelves import UNITS, Category, Provider, ProviderBalance, Service
from services.models.talk import NOTICE_STATES, UNSENT, UPDATE_STATES, WAITING, Conversation, Notice, Update, User
from services.models.watch import SWITCHES, Audit, Lease, Switch

__all__ = [
    "ACCOUNT_KINDS",
    "ATTEMPT_OUTCOMES",
    "LINK_CODES",
    "NOTICE_STATES",
    "ORDER_STATUSES",
    "PLACING",
    "POLLED",
    "QUEUED",
    "RESTS",
    "SWITCHES",
    "UNITS",
    "UNKNOWN",
    "UNSENT",
    "UPDATE_STATES",
    "WAITED_FOR",
    "WAITING",
    "Account",
    "Attempt",
    "Audit",
    "Category",
    "CheckedLink",
    "Conversation",
    "Lease",
    "Model",
    "Notice",
    "Order",
    "OrderEvent",
    "Provider",
    "ProviderBalance",
    "Quote",
    "Service",
    "Switch",
    "Transfer",
    "Update",
    "User",
    "WaitingRest",
]
