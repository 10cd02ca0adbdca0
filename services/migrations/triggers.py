"""The laws that the database itself keeps: append-only rows, trigger-moved balances, listed order transitions.

One list of guards serves both engines; what they cannot share (how a transfer moves two balances, how TRUNCATE and
REPLACE are met) stands below it. Every refusal is an integrity error on either engine, in plain words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TRANSITIONS = {
    # placed: a late answer, before it was sent again; rejected: nobody could send it
    "queued": ("placing", "placed", "canceled", "rejected"),
    "placing": ("placed", "rejected", "unknown", "queued"),
    "unknown": ("placed", "rejected", "queued", "canceled"),
    "placed": ("completed", "partial", "canceled"),
    "completed": ("partial", "canceled"),
    "partial": ("canceled",),
}
"""Where an order may go from each status; rejected and canceled are final."""

REFILL_STEPS = {
    "asked": ("sending", "rejected"),  # rejected: nobody could send it
    "sending": ("asked", "sent", "rejected", "unknown"),  # asked: nothing was sent
    "sent": ("done", "rejected", "unknown"),
    "unknown": ("sent", "rejected"),  # a late answer
}
"""Where a refill may go from each state; done and rejected are final."""

GATE = "ledger_gate"
"""SQLite's one-row table that is open while a transfer moves its two balances; PostgreSQL needs none."""


def _listed(steps: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"'{old}>{new}'" for old, ways in steps.items() for new in ways)


_LARGEST = 2**62  # what services.money can hold


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses `event` on a row of `table` in the words of `message`, always or `when` a condition holds."""

    name: str
    table: str
    event: str
    message: str
    when: str | None = None

    def on_sqlite(self) -> str:
        """The trigger in SQLite's words."""
        when = f" WHEN {self.when}" if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def on_postgres(self) -> str:
        """The trigger in PostgreSQL's words: TRUNCATE has no rows to be fired for."""
        level = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        when = f" WHEN ({self.when})" if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH {level}{when} EXECUTE FUNCTION refuse('{self.message}')"
        )


GUARDS = (
    Guard("transfers_keep", "transfers", "UPDATE", "transfers are append-only"),
    Guard("transfers_stay", "transfers", "DELETE", "transfers are append-only"),
    Guard("accounts_stay", "accounts", "DELETE", "accounts are never deleted"),
    Guard("accounts_begin_empty", "accounts", "INSERT", "an account begins with nothing", "NEW.balance <> 0"),
    Guard(
        "accounts_keep",
        "accounts",
        "UPDATE",
        "an account keeps its id, kind, currency and floor",
        "OLD.id <> NEW.id OR OLD.kind <> NEW.kind OR OLD.currency <> NEW.currency "
        "OR (OLD.floor IS NULL) <> (NEW.floor IS NULL) OR OLD.floor <> NEW.floor",
    ),
    Guard(
        "accounts_fit",
        "accounts",
        "UPDATE",
        "a balance too large to be money",
        f"NEW.balance NOT BETWEEN -{_LARGEST} AND {_LARGEST}",
    ),
    Guard("orders_stay", "orders", "DELETE", "orders are never deleted"),
    Guard(
        "orders_move",
        "orders",
        "UPDATE",
        "an order may not go from that status to this one",
        f"OLD.status <> NEW.status AND (OLD.status || '>' || NEW.status) NOT IN ({_listed(TRANSITIONS)})",
    ),
    Guard("order_events_keep", "order_events", "UPDATE", "events are append-only"),
    Guard("order_events_stay", "order_events", "DELETE", "events are append-only"),
    Guard("attempts_stay", "attempts", "DELETE", "licences are never deleted"),
    Guard(
        "attempts_keep",
        "attempts",
        "UPDATE",
        "a licence is given once and keeps its terms",
        "OLD.id <> NEW.id OR OLD.order_id <> NEW.order_id OR OLD.number <> NEW.number "
        "OR OLD.licensed_at <> NEW.licensed_at OR OLD.deadline <> NEW.deadline "
        "OR (OLD.outcome <> 'licensed' AND NEW.outcome = 'licensed')",
    ),
    Guard("refills_stay", "refills", "DELETE", "refills are never deleted"),
    Guard(
        "refills_keep",
        "refills",
        "UPDATE",
        "a refill keeps its order and its terms",
        "OLD.id <> NEW.id OR OLD.order_id <> NEW.order_id OR OLD.number <> NEW.number "
        "OR OLD.provider <> NEW.provider OR OLD.provider_order_id <> NEW.provider_order_id "
        "OR OLD.asked_at <> NEW.asked_at",
    ),
    Guard(
        "refills_move",
        "refills",
        "UPDATE",
        "a refill may not go from that state to this one",
        f"OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN ({_listed(REFILL_STEPS)})",
    ),
    Guard(
        "refills_licensed",
        "refills",
        "UPDATE",
        "a refill is sent on a licence of its own",
        "NEW.tries <> OLD.tries + (CASE WHEN OLD.state = 'asked' AND NEW.state = 'sending' THEN 1 ELSE 0 END)",
    ),
    Guard("switches_keep", "switches", "UPDATE", "who turned what and why is append-only"),
    Guard("switches_stay", "switches", "DELETE", "who turned what and why is append-only"),
    Guard("shop_texts_keep", "shop_texts", "UPDATE", "the words of the shop are append-only"),
    Guard("actions_keep", "actions", "UPDATE", "what an admin did is append-only"),
    Guard("actions_stay", "actions", "DELETE", "what an admin did is append-only"),
)

# What REPLACE puts aside is deleted without a word where recursive_triggers is off: no write may use a key that another
# row of a guarded table has. Each key of the table with its columns, and the condition of its partial index.
_OPEN_REFILL = "{0}.state IN ('asked', 'sending', 'sent')"
_OPEN_REST = "({0}.closed_at IS NULL OR {0}.delivered > 0)"
_KEYS: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "transfers": ((("id",), ""),),
    "accounts": ((("id",), ""),),
    "orders": (
        (("id",), ""),
        (("token",), ""),
        (("provider", "provider_order_id"), ""),
        (("replaces_id", "part"), _OPEN_REST),
    ),
    "order_events": ((("id",), ""),),
    "attempts": ((("id",), ""), (("order_id", "number"), "")),
    "refills": ((("id",), ""), (("order_id", "number"), ""), (("order_id",), _OPEN_REFILL)),
    "switches": ((("id",), ""), (("key",), "")),
    "actions": ((("id",), ""), (("key",), "")),
}


def _taken(table: str, *but: str) -> str:
    """Whether a row, other than those left out by `but`, has a key of the new one."""
    found = []
    for columns, condition in _KEYS[table]:
        same = [f"held.{column} = NEW.{column}" for column in columns]
        within = [condition.format(row) for row in ("held", "NEW") if condition]
        where = " AND ".join([*same, *within, *but])
        found.append(f"EXISTS (SELECT 1 FROM {table} AS held WHERE {where})")  # noqa: S608 - this file's own words
    return " OR ".join(found)


_UNREPLACED = (
    *(
        Guard(f"{table}_unreplaced", table, "INSERT", f"another row of {table} has this key", _taken(table))
        for table in _KEYS
    ),
    # The other tables keep their keys, or whole rows, as they were written: see above.
    Guard(
        "orders_unmerged",
        "orders",
        "UPDATE",
        "another row of orders has this key",
        _taken("orders", "held.id <> OLD.id"),
    ),
    Guard(
        "refills_unmerged",
        "refills",
        "UPDATE",
        "another row of refills has this key",
        _taken("refills", "held.id <> OLD.id"),
    ),
)

SQLITE = (
    """
    CREATE TABLE ledger_gate (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        open INTEGER NOT NULL CHECK (open IN (0, 1))
    ) STRICT
    """,
    "INSERT INTO ledger_gate (id, open) VALUES (1, 0)",
    *(guard.on_sqlite() for guard in GUARDS + _UNREPLACED),
    Guard(
        "accounts_gate",
        "accounts",
        "UPDATE",
        "a balance moves only by a transfer",
        "OLD.balance <> NEW.balance AND NOT EXISTS (SELECT 1 FROM ledger_gate WHERE open = 1)",
    ).on_sqlite(),
    # Both accounts must exist with foreign keys switched off too, or money would come from nowhere.
    Guard(
        "transfers_match",
        "transfers",
        "INSERT",
        "a transfer joins two accounts of one currency",
        "NOT EXISTS (SELECT 1 FROM accounts AS s JOIN accounts AS d ON s.currency = d.currency "
        "WHERE s.id = NEW.src AND d.id = NEW.dst)",
    ).on_sqlite(),
    """
    CREATE TRIGGER transfers_move AFTER INSERT ON transfers BEGIN
        UPDATE ledger_gate SET open = 1;
        UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.src;
        UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.dst;
        UPDATE ledger_gate SET open = 0;
    END
    """,
)

_REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""

_MOVE = """
    CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        given text;
        taken text;
    BEGIN
        UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.src RETURNING currency INTO given;
        UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.dst RETURNING currency INTO taken;
        IF given IS NULL OR given IS DISTINCT FROM taken THEN
            RAISE EXCEPTION 'a transfer joins two accounts of one currency'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""

POSTGRES = (
    _REFUSE,
    _MOVE,
    *(guard.on_postgres() for guard in GUARDS),
    *(
        Guard(f"{table}_whole", table, "TRUNCATE", f"{table} are never emptied").on_postgres()
        for table in ("transfers", "accounts", "orders", "order_events", "attempts", "refills", "switches", "actions")
    ),
    # The condition is weighed outside the guard: depth 0 is a statement of a client, 1 one of move_balances.
    Guard(
        "accounts_gate",
        "accounts",
        "UPDATE",
        "a balance moves only by a transfer",
        "OLD.balance <> NEW.balance AND pg_trigger_depth() = 0",
    ).on_postgres(),
    "CREATE TRIGGER transfers_move AFTER INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION move_balances()",
)


def raised(engine: str) -> tuple[str, ...]:
    """The statements that put every guard in place on "sqlite" or "postgresql", once the tables are there."""
    return SQLITE if engine == "sqlite" else POSTGRES


def razed(engine: str) -> tuple[str, ...]:
    """What remains to be dropped once the tables, and with them their triggers, are gone."""
    if engine == "sqlite":
        return ("DROP TABLE ledger_gate",)
    return ("DROP FUNCTION move_balances()", "DROP FUNCTION refuse()")


def guards(engine: str) -> dict[str, str]:
    """Each trigger's statement by its name: for the auditors, who look whether it is still there."""
    found = ((re.search(r"CREATE TRIGGER (\w+)", statement), statement) for statement in raised(engine))
    return {match[1]: statement for match, statement in found if match}


def functions() -> dict[str, str]:
    """What PostgreSQL's trigger functions say, by their names."""
    return dict(re.findall(r"CREATE FUNCTION (\w+)\(.*?\$\$(.*?)\$\$", _REFUSE + _MOVE, re.DOTALL))
