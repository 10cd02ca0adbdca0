"""The shop's words: Fluent messages in the reader's language, with money, numbers and times as Babel writes them.

Knows no Telegram: most texts come from background jobs, where no update is at hand.
"""

import html
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog
from babel import Locale, negotiate_locale
from babel.dates import format_datetime, format_skeleton
from babel.numbers import NumberPattern, format_compact_currency, format_currency, get_currency_precision
from babel.units import format_unit
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk

from services.money import Money

log = structlog.get_logger()

FSI, PDI = "\u2068", "\u2069"
"""Fluent's isolation marks: what stands between them keeps its own direction."""
_MARKS = str.maketrans("", "", FSI + PDI)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_VERBATIM = re.compile(r"<(a|code|pre)\b[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MOST_DECIMALS = 6
_LONGEST_GIVEN = 1000
_PLACES = "\ue000\ue001\ue002\ue003"
"""Fluent gives up on long strings, so these hold their places until a message is formatted."""


class Html(str):
    """Text that is safe HTML already: given as a variable it is not escaped again."""

    __slots__ = ()


Value = str | int | Money | datetime | timedelta


class Catalogue:
    """Every language of the shop, read once from `locales_dir/<locale>/*.ftl`.

    `default_locale` answers for the languages that are missing and for messages that a language lacks; `currency` is
    the shop's, as an ISO 4217 code. ValueError where the default language is missing or a file does not parse.
    """

    def __init__(self, locales_dir: Path, default_locale: str, currency: str) -> None:
        found = {path.name: path for path in sorted(locales_dir.iterdir()) if path.is_dir()}
        if default_locale not in found:
            raise ValueError(f"DEFAULT_LOCALE is {default_locale}, but there is only {', '.join(found) or 'nothing'}")
        bundles = {locale: _bundle(locale, path) for locale, path in found.items()}
        fallback = bundles[default_locale]
        self.default_locale = default_locale
        self._texts = {
            locale: Texts(locale, bundle, fallback, currency, default_locale) for locale, bundle in bundles.items()
        }

    @property
    def locales(self) -> list[str]:
        """The languages there are."""
        return list(self._texts)

    def texts(self, *wanted: str | None) -> "Texts":
        """The texts in the first of the `wanted` languages that there is (`pt-BR` is content with `pt`), or in the
        default one."""
        preferred = [locale.replace("_", "-") for locale in wanted if locale]
        chosen = negotiate_locale(preferred, self.locales, sep="-") if preferred else None
        return self._texts[chosen or self.default_locale]


class Texts:
    """The messages of one language: called with a message id and its variables, it gives safe HTML."""

    def __init__(
        self, locale: str, bundle: FluentBundle, fallback: FluentBundle, currency: str, fallback_locale: str
    ) -> None:
        self.locale = locale
        self.locales = tuple(dict.fromkeys((locale, fallback_locale)))
        self.currency = currency
        self._babel = Locale.parse(locale.replace("-", "_"))
        self._bundles = (bundle, fallback)
        self._isolated = self._babel.text_direction == "rtl"
        self._money = _money_pattern(self._babel, currency)

    def __call__(self, key: str, /, **variables: Value) -> Html:
        """The message as HTML for Telegram: strings in it are escaped, amounts and numbers written out.

        KeyError for an id that not even the default language has.
        """
        written = {name: self._written(value) for name, value in variables.items()}
        long = {name: text for name, text in written.items() if isinstance(text, str) and len(text) > _LONGEST_GIVEN}
        places = dict(zip(long, _PLACES, strict=False))
        text = self._format(key, {**written, **places})
        for name, place in places.items():
            text = text.replace(place, long[name])
        if not self._isolated and not _RIGHT_TO_LEFT.search(text):
            return Html(text.translate(_MARKS))
        return Html(_VERBATIM.sub(lambda match: FSI + match.group().translate(_MARKS) + PDI, text))

    def bare(self, key: str, /, **variables: Value) -> str:
        """The message without markup: for button labels, toasts and other places that show text as it is."""
        return self.plain(self(key, **variables))

    @staticmethod
    def plain(markup: str) -> str:
        """Safe HTML without its markup."""
        return html.unescape(_TAG.sub("", markup))

    def money(self, amount: Money) -> str:
        """An amount in the shop's currency, with more decimals than usual only where it has them: $10.00, $0.0045."""
        written: str = self._money.apply(amount.decimal, self._babel, currency=self.currency, currency_digits=False)
        return written

    def rounded(self, amount: Money) -> str:
        """An amount to be looked at, in the currency's usual decimals; what is below 1 in all that it has."""
        if abs(amount.decimal) < 1:
            return self.money(amount)
        written: str = format_currency(amount.decimal, self.currency, locale=self._babel)
        return written

    def compact(self, amount: Money) -> str:
        """An amount beside a chart: $0, $12.5K."""
        written: str = format_compact_currency(amount.decimal, self.currency, locale=self._babel, fraction_digits=2)
        return written

    def moment(self, at: datetime) -> str:
        """Day and time of day in UTC."""
        moment = at.astimezone(UTC)
        day = format_skeleton("yMMMd", moment, locale=self._babel)
        time = format_datetime(moment, "HH:mm", locale=self._babel)
        return f"{day}, {time}"

    def day(self, day: date) -> str:
        """A day without its time."""
        written: str = format_skeleton("yMMMd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=self._babel)
        return written

    def short_day(self, day: date) -> str:
        """A day without its year."""
        written: str = format_skeleton("MMMd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=self._babel)
        return written

    def span(self, time: timedelta) -> str:
        """A stretch of time in its two largest units: 45 sec, 12 min, 1 hr 12 min, 3 days 4 hr."""
        seconds = max(0, int(time.total_seconds()))
        if seconds < 60:
            return self._unit(seconds, "second")
        minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86400
        units = ((days, "day"), (hours, "hour")) if days else ((hours, "hour"), (minutes, "minute"))
        return " ".join(self._unit(number, unit) for number, unit in units if number)

    def _unit(self, number: int, unit: str) -> str:
        return format_unit(number, f"duration-{unit}", "short", locale=self._babel)

    def _written(self, value: Value) -> str | int:
        match value:
            case int():
                return value
            case Money():
                text = html.escape(self.money(value))
            case datetime():
                text = html.escape(self.moment(value))
            case timedelta():
                text = html.escape(self.span(value))
            case Html():
                text = value
            case _:
                text = html.escape(value)
        return text

    def _format(self, key: str, variables: dict[str, str | int]) -> str:
        for bundle in self._bundles:
            if not bundle.has_message(key):
                continue
            pattern = bundle.get_message(key).value
            if pattern is None:
                continue
            text, errors = bundle.format_pattern(pattern, variables)
            if errors:
                log.error("text.broken", key=key, locale=self.locale, errors=[str(error) for error in errors])
            return str(text)
        raise KeyError(key)


def _bundle(locale: str, path: Path) -> FluentBundle:
    bundle = FluentBundle([locale])
    for file in sorted(path.glob("*.ftl")):
        resource = FluentResource(file.read_text(encoding="utf-8"))
        unread = next((entry.content for entry in resource.body if isinstance(entry, Junk)), None)
        if unread is not None:
            raise ValueError(f"{file} does not parse near: {unread.strip()[:80]}")
        bundle.add_resource(resource)
    return bundle


def _money_pattern(locale: Locale, currency: str) -> NumberPattern:
    """The language's own way to write money, with as many decimals as an amount needs."""
    usual = locale.currency_formats["standard"]
    decimals = (get_currency_precision(currency), _MOST_DECIMALS)
    return NumberPattern(
        usual.pattern,
        usual.prefix,
        usual.suffix,
        usual.grouping,
        usual.int_prec,
        decimals,
        usual.exp_prec,
        usual.exp_plus,
        usual.number_pattern,
    )
