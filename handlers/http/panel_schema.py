"""The panel API in types: what each action is sent and what it answers, and the OpenAPI description made of them.

Every answer in the tests is held against these types: the description cannot say anything else than the API does.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

VERSION = "2.0"
Amount = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{1,6})?$", examples=["4.25"])]
Digits = Annotated[str, Field(pattern=r"^[0-9]+$", examples=["1000"])]
Ids = Annotated[str, Field(description="Up to 100 ids, parted by commas.", examples=["1,10,100"])]
Id = Annotated[str, Field(examples=["23501"])]


class Exact(BaseModel):
    """Nothing else than what it says, in exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Refusal(Exact):
    """Why something was refused: one sentence."""

    error: str


class Service(Exact):
    """A service; `rate` is per 1000, of a package per package."""

    service: int
    name: str
    type: str
    category: str
    rate: Amount
    min: Digits
    max: Digits
    dripfeed: bool
    refill: bool
    cancel: bool


class Ordered(Exact):
    """The id of the new order."""

    order: int


class Status(Exact):
    """How an order stands. After a Partial `charge` is what was kept; Canceled keeps nothing."""

    charge: Amount
    start_count: Digits
    status: Literal["Pending", "Processing", "In progress", "Completed", "Partial", "Canceled"]
    remains: Digits
    currency: str


class SubscriptionStatus(Exact):
    """How a subscription stands, and one id for each post that it found."""

    status: Literal["Active", "Paused", "Completed", "Expired", "Canceled"]
    orders: list[int]


class Balance(Exact):
    """What can still be spent."""

    balance: Amount
    currency: str


class Refill(Exact):
    """The id of the refill."""

    refill: Digits


class RefillRow(Exact):
    """The refill of one order of many."""

    order: int | str
    refill: int | Refusal


RefillWord = Literal["Pending", "In progress", "Completed", "Rejected", "Error"]


class RefillStatus(Exact):
    """How a refill stands."""

    status: RefillWord


class RefillStatusRow(Exact):
    """How one refill of many stands."""

    refill: int | str
    status: RefillWord | Refusal


class CancelRow(Exact):
    """1: it is canceled, or its server was asked to cancel it; what comes back is told by its status."""

    order: int | str
    cancel: Literal[1] | Refusal


class Call(BaseModel):
    """What every call has."""

    key: str = Field(description="Your API key.")


class ServicesCall(Call):
    """The catalogue, at your rates."""

    action: Literal["services"]


class AddCall(Call):
    """An order; which parameters it takes is said by the type of its service."""

    action: Literal["add"]
    service: str = Field(description="The service's id.", examples=["1"])
    link: str = Field("", description="What it is for.", examples=["https://www.instagram.com/p/abc"])
    quantity: str = Field("", description="How many; of a drip-feed, in each run.", examples=["1000"])
    runs: str = Field("", description="Drip-feed: how many runs.")
    interval: str = Field("", description="Drip-feed: minutes between two runs.")
    comments: str = Field("", description="One a line.")
    usernames: str = Field("", description="One a line.")
    username: str = ""
    hashtags: str = Field("", description="One a line.")
    hashtag: str = ""
    media: str = Field("", description="The link whose likers are mentioned.")
    answer_number: str = Field("", description="Poll: which answer.")
    groups: str = Field("", description="Links to groups, one a line.")
    keywords: str = Field("", description="One a line.")
    min: str = Field("", description="Subscription: the least for each post.")
    max: str = Field("", description="Subscription: the most for each post, which is what is charged.")
    posts: str = Field("", description="Subscription: how many new posts; needed, as it is paid in advance.")
    old_posts: str = Field("", description="Subscription: posts that are there already; 0 or left out.")
    delay: str = Field("", description="Subscription: minutes, 0, 5, 10, 15, 20, 30, 40, 50, 60, 90 ... 600.")
    expiry: str = Field("", description="Subscription: the last day, as 31/12/2026.")
    request_id: str = Field("", max_length=100, description="Your own id of this request: it orders once.")
    reference: str = Field("", max_length=100, description="Your own number of the order; events carry it.")
    retail: str = Field("", description="What your customer paid for it; else your markup says so.")
    retail_currency: str = Field("", description="The currency of `retail`, three letters.")


class StatusCall(Call):
    """How an order stands."""

    action: Literal["status"]
    order: Id


class StatusesCall(Call):
    """How many orders stand."""

    action: Literal["status"]
    orders: Ids


class BalanceCall(Call):
    """What can still be spent."""

    action: Literal["balance"]


class RefillCall(Call):
    """Bring back what dropped of an order."""

    action: Literal["refill"]
    order: Id


class RefillsCall(Call):
    """Bring back what dropped of many orders."""

    action: Literal["refill"]
    orders: Ids


class RefillStatusCall(Call):
    """How a refill stands."""

    action: Literal["refill_status"]
    refill: Id


class RefillStatusesCall(Call):
    """How many refills stand."""

    action: Literal["refill_status"]
    refills: Ids


class CancelCall(Call):
    """Stop orders."""

    action: Literal["cancel"]
    orders: Ids


CALLS: tuple[type[Call], ...] = (
    *(ServicesCall, AddCall, StatusCall, StatusesCall, BalanceCall, RefillCall, RefillsCall),
    *(RefillStatusCall, RefillStatusesCall, CancelCall),
)
ANSWERS: Mapping[str, object] = {
    "services": list[Service],
    "add": Ordered,
    "status": Status | SubscriptionStatus | dict[str, Status | SubscriptionStatus | Refusal],
    "balance": Balance,
    "refill": Refill | list[RefillRow],
    "refill_status": RefillStatus | list[RefillStatusRow],
    "cancel": list[CancelRow],
}
"""What each action answers with where it does not refuse."""
_ROWS: tuple[type[Exact], ...] = (
    *(Refusal, Service, Ordered, Status, SubscriptionStatus, Balance, Refill, RefillRow, RefillStatus),
    *(RefillStatusRow, CancelRow),
)
_LISTS = (Service, RefillRow, RefillStatusRow, CancelRow)
_SINGLE = (Refusal, Ordered, Status, SubscriptionStatus, Balance, Refill, RefillStatus)
_MAPPED = (Status, SubscriptionStatus, Refusal)
_HEADERS = {
    "RateLimit-Limit": "Calls that are allowed.",
    "RateLimit-Remaining": "Calls that are left.",
    "RateLimit-Reset": "Seconds until all of them are there again.",
    "Retry-After": "Seconds to wait; only where there were too many calls.",
}


def openapi(shop_name: str, server: str) -> dict[str, Any]:
    """The description in OpenAPI 3.1; `server` is where the API is, "" for where the description is."""
    _, schemas = models_json_schema(
        [*((call, "validation") for call in CALLS), *((row, "serialization") for row in _ROWS)],
        ref_template="#/components/schemas/{model}",
    )
    sent = {"schema": {"anyOf": [_ref(call) for call in CALLS]}}
    answer = {
        "anyOf": [
            *(_ref(row) for row in _SINGLE),
            *({"type": "array", "items": _ref(row)} for row in _LISTS),
            {"type": "object", "additionalProperties": {"anyOf": [_ref(row) for row in _MAPPED]}},
        ]
    }
    kinds: Sequence[str] = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")
    call = {
        "operationId": "call",
        "summary": "One address for everything: `action` says what is asked.",
        "description": "Parameters may come in the address as well. A refusal is 200 with exactly one key, `error`.",
        "requestBody": {"required": True, "content": dict.fromkeys(kinds, sent)},
        "responses": {
            "200": {
                "description": "The answer, or why there is none.",
                "headers": {
                    name: {"description": told, "schema": {"type": "integer"}} for name, told in _HEADERS.items()
                },
                "content": {"application/json": {"schema": answer}},
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{shop_name}: panel API", "version": VERSION},
        "servers": [{"url": server or "/"}],
        "paths": {"/api/v2": {"post": call}},
        "components": {"schemas": schemas["$defs"]},
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
