"""The tables of people and what passes between them and the bot: outbox, inbox, conversations."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document
from services.models.schema import STRICT, Model, one_of

NOTICE_STATES = ("queued", "sent", "dropped")
UPDATE_STATES = ("waiting", "done", "set_aside")
BROADCAST_STATES = ("draft", "running", "paused", "stopped", "done")

# Conditions of the partial indexes. Queries repeat them as literals, or neither engine uses the index.
UNSENT = "state = 'queued'"
WAITING = "state = 'waiting'"
BROADCAST = "broadcast_id IS NOT NULL"


class User(Model):
    """A person the bot has met: customer, reseller or admin."""

    __tablename__ = "users"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # Telegram's: person and private chat alike
    name: Mapped[str]
    username: Mapped[str | None]
    language_code: Mapped[str | None]  # what the Telegram client says
    locale: Mapped[str | None]  # the person's own choice
    quiet_begins: Mapped[int | None]  # services.quiet: hours of the person's own day
    quiet_ends: Mapped[int | None]
    utc_offset: Mapped[int | None]  # minutes
    banned: Mapped[bool] = mapped_column(default=False)
    news: Mapped[bool] = mapped_column(default=True)  # wants messages to everybody
    finish_all: Mapped[bool] = mapped_column(default=False)  # services.finishing, for all goals that are not told apart
    finish_percent: Mapped[int] = mapped_column(default=20)  # what it may cost more than the first order, in percent
    finish_orders: Mapped[int] = mapped_column(default=3)  # how many orders it may take
    unreachable_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Notice(Model):
    """The outbox: a message that somebody must get, written in the transaction that caused it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        one_of("state", NOTICE_STATES),
        Index("ix_outbox_due", "priority", "due_at", sqlite_where=text(UNSENT), postgresql_where=text(UNSENT)),
        Index("ix_outbox_chat", "chat_id", sqlite_where=text(UNSENT), postgresql_where=text(UNSENT)),
        Index(
            "ix_outbox_broadcast",
            "broadcast_id",
            "state",
            sqlite_where=text(BROADCAST),
            postgresql_where=text(BROADCAST),
        ),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    chat_id: Mapped[int]
    priority: Mapped[int]  # services.outbox: interactive first, broadcasts last
    kind: Mapped[str]
    payload: Mapped[Document]
    version: Mapped[int] = mapped_column(default=1)  # counts up when a live card is replaced before it went out
    state: Mapped[str] = mapped_column(default="queued")
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    message_id: Mapped[int | None]  # what was sent, or what a live card edits in place
    last_error: Mapped[str | None]
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"))
    again: Mapped[bool] = mapped_column(default=False)  # it may have been read before: services.restoring
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Broadcast(Model):
    """A message to very many: written, then fed to the outbox page by page."""

    __tablename__ = "broadcasts"
    __table_args__ = (one_of("state", BROADCAST_STATES), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="draft")
    texts: Mapped[Document]  # by language, HTML
    audience: Mapped[Document]  # services.audiences
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    fed_to: Mapped[int] = mapped_column(default=0)  # everybody up to this id has their notice
    total: Mapped[int] = mapped_column(default=0)  # people it goes to, as counted when it began
    sent: Mapped[int] = mapped_column(default=0)  # as last counted
    dropped: Mapped[int] = mapped_column(default=0)


class Update(Model):
    """The inbox: a Telegram update, stored before it is acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (
        one_of("state", UPDATE_STATES),
        Index("ix_inbox_waiting", "bot_id", "update_id", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
        Index(None, "received_at"),
        STRICT,
    )

    bot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int | None]  # whose updates go in order
    payload: Mapped[Document]
    state: Mapped[str] = mapped_column(default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Conversation(Model):
    """Where a person stands in a conversation: state and what was entered so far."""

    __tablename__ = "conversations"
    __table_args__ = (STRICT,)

    key: Mapped[str] = mapped_column(primary_key=True)  # bot:chat:user:thread:destiny
    state: Mapped[str | None]
    data: Mapped[Document]
    updated_at: Mapped[datetime]
