"""Words: every key exists and is used, every language is whole, money and numbers are written as people write them."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message, SelectExpression, VariableReference
from fluent.syntax.visitor import Visitor

from handlers.i18n import FSI, PDI, Catalogue, Html, Texts
from services import errors, reseller_errors
from services.money import Money
from tests.handlers.conftest import LOCALES

ROOT = LOCALES.parent
SPEAKERS = [*sorted((ROOT / "handlers").rglob("*.py")), *sorted((ROOT / "bot").glob("*.py"))]
"""The files that put something into words."""


def messages(locale: str) -> dict[str, Message]:
    parsed = [FluentParser().parse(file.read_text(encoding="utf-8")) for file in (LOCALES / locale).glob("*.ftl")]
    return {entry.id.name: entry for resource in parsed for entry in resource.body if isinstance(entry, Message)}


def refusals(kind: type[errors.ShopError] = errors.ShopError) -> Iterator[type[errors.ShopError]]:
    """Every refusal with a code of its own."""
    for each in kind.__subclasses__():
        if "code" in vars(each):
            yield each
        yield from refusals(each)


assert reseller_errors.NotAReseller in errors.ShopError.__subclasses__()
REFUSALS = sorted(refusals(), key=lambda refusal: refusal.code)
DYNAMIC = {refusal.code for refusal in REFUSALS} | {errors.ShopError.code}
"""The one family of keys that is not written out where it is used: the codes of the shop's refusals."""


class Variables(Visitor):
    """The variables of a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.selectors: dict[str, set[str]] = {}

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802  the parser's name
        self.names.add(node.id.name)

    def visit_SelectExpression(self, node: SelectExpression) -> None:  # noqa: N802
        self.generic_visit(node)


def variables(message: Message) -> set[str]:
    found = Variables()
    found.visit(message)
    return found.names


def literals(node: ast.expr) -> Iterator[ast.Constant]:
    """The strings that an argument can be: itself, or either side of a condition."""
    match node:
        case ast.Constant():
            yield node
        case ast.IfExp():
            yield from literals(node.body)
            yield from literals(node.orelse)


def spoken() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, key, variables) of every `texts(...)` and `texts.bare(...)`; None where the variables are spread."""
    for path in SPEAKERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "bare" else node.func
            if not isinstance(called, ast.Name) or called.id != "texts":
                continue
            given = {keyword.arg for keyword in node.keywords}
            names = None if None in given else {name for name in given if name}
            for key in literals(node.args[0]):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(key.value), names


def constants() -> set[str]:
    """Every string in those files: a key may be handed on before it is spoken."""
    return {
        node.value
        for path in SPEAKERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def families() -> list[re.Pattern[str]]:
    """The keys that are put together where they are spoken, such as log- and the code of a step."""
    found = []
    for path in SPEAKERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.args[0].values]
                if any(part and "-" in part for part in parts) and "texts" in ast.unparse(node.func):
                    found.append(re.compile("".join("[a-z-]+" if part is None else re.escape(part) for part in parts)))
    return found


def test_every_text_that_is_spoken_exists() -> None:
    known = messages("en")
    assert not [(where, key) for where, key, _ in spoken() if key not in known]


def test_every_text_gets_exactly_the_variables_it_names() -> None:
    known = messages("en")
    wrong = [
        (where, key, given ^ variables(known[key]))
        for where, key, given in spoken()
        if given is not None and given != variables(known[key])
    ]
    assert not wrong


def test_every_text_is_spoken_somewhere() -> None:
    put_together = families()
    unspoken = set(messages("en")) - constants() - DYNAMIC
    assert not {key for key in unspoken if not any(family.fullmatch(key) for family in put_together)}


@pytest.mark.parametrize("locale", sorted(path.name for path in LOCALES.iterdir()))
def test_every_language_has_the_same_messages_with_the_same_variables(locale: str) -> None:
    english, other = messages("en"), messages(locale)
    assert set(other) == set(english)
    assert not [key for key in english if variables(other[key]) != variables(english[key])]


def test_no_message_is_written_twice() -> None:
    names = [
        entry.id.name
        for file in (LOCALES / "en").glob("*.ftl")
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body
        if isinstance(entry, Message)
    ]
    assert len(names) == len(set(names))


PARAMS: dict[str, dict[str, errors.Param]] = {
    "error-no-refill": {"reason": "over"},
    "error-not-reseller": {"state": "stranger"},
    "error-keys": {"maximum": 5},
    "error-groups": {"maximum": 20},
    "error-parameter": {"name": "retail", "reason": "long", "maximum": 100},
    "error-key-limit": {"limit": Money.parse("50.00")},
    "error-type": {"type": "Web Traffic"},
    "error-network": {"reason": "unread", "text": "10.0.0.0/33", "maximum": 20},
    "error-site": {"reason": "port", "longest": 500},
    "error-no-tier": {"name": "gold"},
    "error-tier-in-use": {"name": "gold", "count": 2},
    "error-tiers": {"maximum": 30},
    "error-refill-early": {"wait": timedelta(hours=23, minutes=59)},
    "error-link": {
        "reason": "platform",
        "platform": "Instagram",
        "example": "https://www.instagram.com/p/abc/?x=1&y=2",
    },
    "error-quantity": {"text": "<many>"},
    "error-maintenance": {"message": "x" * 140},
    "error-id-taken": {"id": "9" * 64},
    "error-not-allowed": {"role": "manager"},
    "error-person": {"who": "@nobody"},
    "error-refund": {"reason": "moved", "left": Money.parse("4")},
    "error-answer": {
        "field": "runs",
        "reason": "uneven",
        "minimum": 2,
        "maximum": 500,
        "count": 1000,
        "given": 3,
        "hint": "2, 4, 5",
    },
    "error-quantity-small": {"minimum": 50},
    "error-quantity-large": {"maximum": 100_000},
    "error-money": {"price": Money.parse("10"), "balance": Money.parse("4"), "missing": Money.parse("6")},
    "error-their-money": {"price": Money.parse("10"), "balance": Money.parse("4"), "missing": Money.parse("6")},
    "error-several-such": {"who": "@mia", "ids": "1001, 1002"},
    "error-price-changed": {"price": Money.parse("10.5")},
    "error-not-in-catalogue": {"kind": "service", "id": "12"},
    "error-name-taken": {"name": "Likes"},
    "error-below-cost": {"price": Money.parse("1"), "cost": Money.parse("1.20")},
}


@pytest.mark.parametrize("refusal", [*REFUSALS, errors.ShopError], ids=lambda refusal: refusal.__name__)
def test_every_refusal_has_its_sentence(texts: Texts, refusal: type[errors.ShopError]) -> None:
    """As HTML in a message, and bare in an alert of at most 200 characters."""
    params = PARAMS.get(refusal.code, {})
    assert variables(messages("en")[refusal.code]) == set(params)
    assert texts(refusal.code, **params)
    bare = texts.bare(refusal.code, **params)
    assert len(bare) <= 200
    assert bare.rstrip()[-1] in ".>" or refusal.code == "error-link"
    assert "<code>" not in bare


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("10", "$10.00"),
        ("0.0045", "$0.0045"),
        ("0.000001", "$0.000001"),
        ("1234567.5", "$1,234,567.50"),
        ("-4", "-$4.00"),
        ("4611686018427.387904", "$4,611,686,018,427.387904"),
    ],
)
def test_money_has_two_decimals_and_more_only_where_needed(texts: Texts, amount: str, written: str) -> None:
    micros = int(amount.replace(".", "").replace("-", "")) * 10 ** (6 - len(amount.partition(".")[2]))
    assert texts.money(Money(-micros if amount.startswith("-") else micros)) == written


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(seconds=-5), "0 sec"),
        (timedelta(seconds=45), "45 sec"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(minutes=72), "1 hr 12 min"),
        (timedelta(hours=2), "2 hr"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hr"),
        (timedelta(days=1, minutes=5), "1 day"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(texts: Texts, span: timedelta, written: str) -> None:
    assert texts.span(span) == written


def test_a_moment_is_told_in_utc_by_the_24_hour_clock(texts: Texts) -> None:
    assert texts.moment(datetime(2026, 5, 4, 18, 5, tzinfo=UTC)) == "May 4, 2026, 18:05"


def test_strings_are_escaped_and_texts_in_texts_are_not_escaped_twice(texts: Texts) -> None:
    inner = texts("credited-reason", reason="<b>&")
    assert inner == "Note: &lt;b&gt;&amp;"
    assert isinstance(inner, Html)
    assert texts("quantity-kept", quantity=1) == "You chose 1 before."
    assert texts("ordering-link", link=inner) == f"🔗 {inner}"
    assert texts.bare("ordering-link", link=inner) == "🔗 Note: <b>&"


def write(root: Path, locale: str, **files: str) -> None:
    (root / locale).mkdir()
    for name, text in files.items():
        (root / locale / f"{name}.ftl").write_text(text, encoding="utf-8")


@pytest.fixture
def polyglot(tmp_path: Path) -> Catalogue:
    """English whole, German with a gap, Arabic from right to left."""
    write(tmp_path, "en", a="hi = Hi { $name }\nonly = Only here\nid = Id <code>{ $id }</code>, { $price }\n")
    write(tmp_path, "de", a="hi = Hallo { $name }\n")
    write(
        tmp_path, "ar", a='hi = مرحبا { $name }\nid = رقم <code>{ $id }</code>، <a href="{ $id }">{ $id }</a> { $n }\n'
    )
    return Catalogue(tmp_path, "en", "EUR")


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        (("de",), "de"),
        (("de-AT",), "de"),
        (("de_AT",), "de"),
        ((None, "ar-EG"), "ar"),
        (("fr", "de"), "de"),
        (("fr",), "en"),
        ((None,), "en"),
        ((), "en"),
        (("", "x-nonsense"), "en"),
    ],
)
def test_the_first_language_there_is_wins(polyglot: Catalogue, wanted: tuple[str | None, ...], locale: str) -> None:
    assert polyglot.texts(*wanted).locale == locale


def test_what_a_language_lacks_is_said_in_the_default_one(polyglot: Catalogue) -> None:
    assert polyglot.texts("de")("only") == "Only here"
    with pytest.raises(KeyError):
        polyglot.texts("de")("nowhere")


def test_isolation_marks_stand_where_directions_meet_and_nowhere_else(polyglot: Catalogue) -> None:
    """In left-to-right text they would do nothing but get into what people copy and search."""
    english, arabic = polyglot.texts("en"), polyglot.texts("ar")
    assert english("hi", name="Mia") == "Hi Mia"
    assert english("hi", name="عمر") == f"Hi {FSI}عمر{PDI}"
    assert arabic("hi", name="Mia") == f"مرحبا {FSI}Mia{PDI}"
    assert arabic.bare("hi", name="Mia") == f"مرحبا {FSI}Mia{PDI}"


def test_code_and_links_are_isolated_as_a_whole_and_clean_inside(polyglot: Catalogue) -> None:
    text = polyglot.texts("ar")("id", id="1001", n=7)
    assert f"{FSI}<code>1001</code>{PDI}" in text
    assert f'{FSI}<a href="1001">1001</a>{PDI}' in text


def test_a_missing_variable_is_logged_and_the_rest_is_said(polyglot: Catalogue) -> None:
    """A refund notice goes out even where a translator mistyped a name."""
    with structlog.testing.capture_logs() as logged:
        assert polyglot.texts("de")("hi").startswith("Hallo ")
    assert [line["event"] for line in logged] == ["text.broken"]


def test_a_language_that_does_not_parse_or_is_missing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "en", a="hi = { \n")
    with pytest.raises(ValueError, match=r"a\.ftl does not parse near: hi = \{"):
        Catalogue(tmp_path, "en", "USD")
    with pytest.raises(ValueError, match="DEFAULT_LOCALE is xx"):
        Catalogue(tmp_path, "xx", "USD")


def test_two_languages_of_one_message_do_not_share_money(polyglot: Catalogue) -> None:
    assert polyglot.texts("en").money(Money.parse("1234.5")) == "€1,234.50"
    assert polyglot.texts("de").money(Money.parse("1234.5")) == "1.234,50\u00a0€"
