"""Where a person stands while making an order, and what was entered so far."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message


class Ordering(StatesGroup):
    """The questions of an order, in turn."""

    link = State()
    answer = State()
    """To the further question that the draft names in `asking`."""
    quantity = State()
    quote = State()


class Deciding(StatesGroup):
    """What an admin was asked about an order that only a person can decide."""

    provider_id = State()
    count = State()


class Composing(StatesGroup):
    """What an admin was asked to write: a message to many, the shop's own words."""

    text = State()
    words = State()


class Stocking(StatesGroup):
    """What an admin was asked about a service or a category: its name, its description, its price."""

    value = State()


class Handling(StatesGroup):
    """What somebody of the staff was asked about an order or a person, whose id stands in `handling`."""

    refund = State()
    note = State()
    ban = State()
    suspend = State()


class Reselling(StatesGroup):
    """What a reseller was asked, about the key whose id stands in `handling` or about themselves."""

    about = State()
    networks = State()
    limit = State()
    markup = State()
    low_balance = State()
    address = State()


class Answers(Filter):
    """Lets through what may be an answer: a command is none, whatever was asked before."""

    async def __call__(self, message: Message) -> bool:
        return not (message.text or "").startswith("/")


@dataclass(frozen=True, slots=True)
class Draft:
    """An order being made. `link`, `quantity` and `token` (of the quote) come as they are given.

    `quoted` is the token of the last quote, which buys until another is made of this draft, however long that takes.
    `answers` are those to the further questions, as services.order_fields read them; `asking` is the one that waits.
    """

    service_id: int
    link: str | None = None
    quantity: int | None = None
    token: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    asking: str | None = None
    quoted: str | None = None

    def answering(self, name: str, answer: str) -> "Draft":
        """The draft with one more answer, or another one; what was quoted for it before no longer stands."""
        return replace(self, answers={**self.answers, name: answer}, token=None)

    async def save(self, state: FSMContext, step: State, asking: str | None = None) -> None:
        """Keep it, waiting for the answer to `step` (and there to question `asking`)."""
        await state.set_data(asdict(replace(self, asking=asking)))
        if await state.get_state() != step.state:
            await state.set_state(step)


async def drafted(state: FSMContext, service_id: int | None = None) -> Draft | None:
    """The order being made, or None where there is none (or none of `service_id`, if given)."""
    data = await state.get_data()
    if "service_id" not in data or (service_id is not None and data["service_id"] != service_id):
        return None
    known = {each.name for each in fields(Draft)}
    return Draft(**{name: value for name, value in data.items() if name in known})


async def leave(state: FSMContext, group: type[StatesGroup]) -> None:
    """Stop waiting for an answer to one of these questions; any other goes on waiting."""
    if await state.get_state() in group.__all_states_names__:
        await state.set_state(None)


async def handle(state: FSMContext, step: State, what: int) -> None:
    """Ask somebody about `what`; an order that they are making as a customer stays as it is."""
    await state.update_data(handling=what)
    await state.set_state(step)


async def handled(state: FSMContext) -> int:
    """What they were asked about; 0, which is nobody and nothing, where that is forgotten."""
    return int((await state.get_data()).get("handling", 0))


async def pause(state: FSMContext) -> None:
    """Stop waiting for an answer, while somebody looks around; what was entered stays."""
    if await state.get_state() is not None:
        await state.set_state(None)
