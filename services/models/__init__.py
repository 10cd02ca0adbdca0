"""Every table of the shop, once, for SQLite (STRICT) and PostgreSQL alike."""

from services.models.aftercare import REFILL_DUE, REFILL_OPEN, REFILL_STATES, Refill
from services.models.books import ACCOUNT_KINDS, Account, Transfer
from services.models.purchases import ATTEMPT_OUTCOMES, Attempt, CheckedLink, DUE, Finishing, LINK_CODES, ORDER_STATUSES, Order, OrderEvent, PLACING, POLLED, QUEUED, Quote, REMINDED, RESTS, UNKNOWN, WAITED_FOR, WaitingRest
from services.models.schema import Model
from services.models.shelves import Category, Markup, Provider, ProviderBalance, Service, ServiceOverride, UNITS
from services.models.staffing import APPROVAL_STATES, Action, Approval, SHOP_TEXTS, ShopText, StaffMember
from services.models.talk import BROADCAST_STATES, Broadcast, Conversation, NOTICE_STATES, Notice, UNSENT, UPDATE_STATES, Update, User, WAITING
from services.models.watch import Audit, Lease, SWITCHES, Switch

__all__ = ["ACCOUNT_KINDS", "APPROVAL_STATES", "ATTEMPT_OUTCOMES", "Account", "Action", "Approval", "Attempt", "Audit", "BROADCAST_STATES", "Broadcast", "Category", "CheckedLink", "Conversation", "DUE", "Finishing", "LINK_CODES", "Lease", "Markup", "Model", "NOTICE_STATES", "Notice", "ORDER_STATUSES", "Order", "OrderEvent", "PLACING", "POLLED", "Provider", "ProviderBalance", "QUEUED", "Quote", "REFILL_DUE", "REFILL_OPEN", "REFILL_STATES", "REMINDED", "RESTS", "Refill", "SHOP_TEXTS", "SWITCHES", "Service", "ServiceOverride", "ShopText", "StaffMember", "Switch", "Transfer", "UNITS", "UNKNOWN", "UNSENT", "UPDATE_STATES", "Update", "User", "WAITED_FOR", "WAITING", "WaitingRest"]
