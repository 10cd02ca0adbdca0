"""Every setting, typed, from the environment or `.env`; what is empty or a placeholder is refused in plain words."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from babel.numbers import is_currency
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError
from sqlalchemy.exc import ArgumentError

from services import networks
from services.backups import Terms
from services.db import with_driver
from services.links import PLATFORMS
from services.money import ZERO, Money
from services.policy import Policy

LOCALES = Path(__file__).parent.parent / "locales"
"""One folder for each language of the shop."""

_TOKEN = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,64}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_PLACEHOLDER = re.compile(
    r"(?i)^(<.*>|\.+|x+|your.*|change.?me.*|paste.*|placeholder|example|secret|pass.?(word|phrase)|token|key|api.?key"
    r"|123456:ABC-DEF1234.*)$"
)
SHORTEST_PASSPHRASE = 12
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class SettingsRefused(Exception):
    """The settings cannot be used; `sentences` say why, one for each, and never contain a value that is secret."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _real(secret: SecretStr) -> SecretStr:
    if _PLACEHOLDER.match(secret.get_secret_value().strip()):
        raise ValueError("still holds a placeholder: put the real one there.")
    return SecretStr(secret.get_secret_value().strip())


def _bot_token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(_real(token).get_secret_value()):
        raise ValueError("does not look like a bot token: copy it whole from @BotFather (digits, a colon, letters).")
    return token


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value() and not _WEBHOOK_SECRET.fullmatch(_real(secret).get_secret_value()):
        raise ValueError("must be 16 to 256 letters, digits, _ or -.")
    return secret


def _passphrase(passphrase: SecretStr) -> SecretStr:
    if not passphrase.get_secret_value():
        return passphrase
    given = _real(passphrase)
    if len(given.get_secret_value()) < SHORTEST_PASSPHRASE:
        raise ValueError(f"must have at least {SHORTEST_PASSPHRASE} characters: whoever guesses it reads everything.")
    return given


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("is not a web address: it begins with https:// and names a host.")
    return url.strip()


def _base_url(url: str) -> str:
    return _http_url(url).rstrip("/")


def _proxies(value: Any) -> Any:
    try:
        return networks.listed(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be IP addresses or networks of proxies, such as 127.0.0.1,10.0.0.0/8.") from None


def _public_url(url: str) -> str:
    if not url:
        return url
    checked = _base_url(url)
    parts = urlsplit(checked)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError("must begin with https://: Telegram delivers nowhere else.")
    return checked


def _database_url(url: SecretStr) -> SecretStr:
    try:
        parsed = with_driver(url.get_secret_value())
    except (ArgumentError, ValueError):
        raise ValueError("must start with sqlite:/// or postgresql://, such as sqlite:///data/shop.db.") from None
    if parsed.get_backend_name() == "sqlite" and (not parsed.database or ":memory:" in parsed.database):
        raise ValueError("must name a file: a shop in memory would forget its customers' money.")
    return url


def _spoken(locale: str) -> str:
    there = sorted(path.name for path in LOCALES.iterdir() if path.is_dir())
    if locale not in there:
        raise ValueError(f"must be a language that the shop speaks: {', '.join(there)}.")
    return locale


def _ids(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    words = [word for word in re.split(r"[,\s]+", value) if word]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise ValueError("must be Telegram user ids, numbers separated by commas, such as 1001,1002.")
    return [int(word) for word in words]


def _amount(value: Any) -> Any:
    if isinstance(value, Money):
        return value
    try:
        amount = Money.parse(str(value))
    except ValueError:
        raise ValueError("must be an amount in the shop's currency, such as 100.00.") from None
    if amount < ZERO:
        raise ValueError("must not be below 0.")
    return amount


def _hosts(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in re.split(r"[,\s]+", value) if pair]
    return {host: origin for host, _, origin in pairs}


def _stand_ins(hosts: dict[str, str]) -> dict[str, str]:
    known = {domain for platform in PLATFORMS.values() for domain in platform.domains}
    for host, origin in hosts.items():
        if host not in known:
            raise ValueError("must name domains of platforms, such as instagram.com=http://127.0.0.1:8090/pages.")
        parts = urlsplit(_http_url(origin))
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            raise ValueError("must lead to this machine: it stands in for platforms in a sandbox, and nowhere else.")
    return {host: origin.rstrip("/") for host, origin in hosts.items()}


def _currency(code: str) -> str:
    if not is_currency(code.upper()):
        raise ValueError("must be a currency's three letters, such as USD.")
    return code.upper()


Secret = Annotated[SecretStr, AfterValidator(_real)]
WebAddress = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(gt=0, le=30 * 86_400)]


class ProviderSettings(BaseModel):
    """One upstream panel: where it is, who we are there, and on what terms its services are sold on."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: WebAddress
    key: Secret
    markup_percent: Decimal = Field(Decimal(30), ge=0, le=100_000)
    exchange_rate: Decimal = Field(Decimal(1), gt=0)
    """Shop currency for one unit of the panel's currency."""
    deadline: Seconds = 30
    """Seconds that one request may take in all."""
    confirmations: int = Field(1, ge=1, le=2)
    """How often a final answer must be heard before it is acted on: once, or twice in a row."""
    idempotency_parameter: str | None = None
    """The name of the panel's own parameter against double orders, where it has one."""

    @property
    def site(self) -> str:
        """The panel's own pages, for the people who have the account there; empty where they are not on the web."""
        parts = urlsplit(self.url)
        return f"https://{parts.netloc}/" if parts.scheme == "https" else ""


class Settings(BaseSettings):
    """The settings of one process; `load` reads them and turns what is wrong into sentences."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    bot_token: Annotated[SecretStr, AfterValidator(_bot_token)]
    admin_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_ids)] = frozenset()
    shop_name: str = Field("SMM Shop", min_length=1, max_length=64)
    support_contact: str = ""
    backup_interval: float = Field(24, ge=0, le=24 * 365)
    backup_folder: Path | None = None
    backup_keep: int = Field(14, ge=1, le=1000)
    backup_passphrase: Annotated[SecretStr, AfterValidator(_passphrase)] = SecretStr("")
    second_admin_above: Annotated[Money, BeforeValidator(_amount)] = Money.parse("100.00")
    currency: Annotated[str, AfterValidator(_currency)] = "USD"
    default_locale: Annotated[str, AfterValidator(_spoken)] = "en"

    providers: dict[str, ProviderSettings] = Field(default_factory=dict)

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("sqlite+aiosqlite:///data/shop.db")
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65_535)

    telegram_api_url: Annotated[str, AfterValidator(_base_url)] = "https://api.telegram.org"
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = SecretStr("")

    link_check: bool = True
    link_check_hosts: Annotated[dict[str, str], NoDecode, BeforeValidator(_hosts), AfterValidator(_stand_ins)] = Field(
        default_factory=dict
    )

    webhook_loopback: bool = False

    margin_rule: Literal["hide", "reprice"] = "hide"
    price_notice_hours: int = Field(0, ge=0, le=720)

    api_rate_per_minute: int = Field(600, ge=1, le=1_000_000)
    api_catalogues_per_hour: int = Field(60, ge=1, le=1_000_000)
    api_trusted_proxies: Annotated[frozenset[networks.Network], NoDecode, BeforeValidator(_proxies)] = frozenset()

    undo_seconds: float = Field(10, ge=0, le=600)
    unknown_hours: float = Field(24, gt=0, le=24 * 365)
    watch_hours: float = Field(72, ge=0, le=24 * 365)
    watch_interval: Seconds = 3600
    placing_margin: Seconds = 15
    unsent_tries: int = Field(10, ge=1, le=1000)
    unsent_backoff: Seconds = 2
    refill_hours: float = Field(24, ge=0, le=24 * 365)
    balance_hours: float = Field(24, ge=0, le=24 * 365)
    provider_silent_minutes: float = Field(30, gt=0, le=24 * 60)
    guarantee_reminder_days: float = Field(3, ge=0, le=365)

    submit_interval: Seconds = 2
    poll_interval: Seconds = 5
    poll_slowest: Seconds = 1800
    outbox_interval: Seconds = 2
    sweep_interval: Seconds = 15
    sync_interval: Seconds = 900
    balance_interval: Seconds = 600
    audit_interval: Seconds = 3600
    alarms_interval: Seconds = 60
    purge_interval: Seconds = 3600

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    stop_seconds: Seconds = 40

    @model_validator(mode="after")
    def _webhook_is_guarded(self) -> "Settings":
        if self.public_url and not self.telegram_webhook_secret.get_secret_value():
            raise ValueError("TELEGRAM_WEBHOOK_SECRET is missing: with PUBLIC_URL set, updates are only taken with it.")
        return self

    @property
    def bot_id(self) -> int:
        """The bot's Telegram id: the digits its token begins with."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def api_url(self) -> str:
        """Where resellers' sites reach the panel API: at the public address, or at this machine's own port."""
        if self.public_url:
            return f"{self.public_url}/api/v2"
        return f"http://{self.http_host}:{self.http_port}/api/v2" if self.http_port else ""

    @property
    def policy(self) -> Policy:
        """The figures behind fulfilment."""
        return Policy(
            admins=tuple(sorted(self.admin_ids)),
            providers=tuple(sorted(self.providers)),
            poll_fastest=timedelta(seconds=self.poll_interval),
            poll_slowest=timedelta(seconds=max(self.poll_slowest, self.poll_interval)),
            watch_every=timedelta(seconds=self.watch_interval),
            watch_for=timedelta(hours=self.watch_hours),
            placing_margin=timedelta(seconds=self.placing_margin),
            unsent_tries=self.unsent_tries,
            unsent_backoff=timedelta(seconds=self.unsent_backoff),
            idempotent=tuple(name for name, terms in self.providers.items() if terms.idempotency_parameter),
            unknown_for=timedelta(hours=self.unknown_hours),
            refill_every=timedelta(hours=self.refill_hours),
            remind_ahead=timedelta(days=self.guarantee_reminder_days),
            margin_rule=self.margin_rule,
            price_notice=timedelta(hours=self.price_notice_hours),
            balance_for=timedelta(hours=self.balance_hours),
            silent_for=timedelta(minutes=self.provider_silent_minutes),
        )

    @property
    def markups(self) -> dict[str, Decimal]:
        """What is added to each provider's prices, in percent, where nothing else was set in the chat."""
        return {name: terms.markup_percent for name, terms in self.providers.items()}

    @property
    def exchange_rates(self) -> dict[str, Decimal]:
        """Shop currency for one unit of each provider's."""
        return {name: terms.exchange_rate for name, terms in self.providers.items()}

    @property
    def sites(self) -> dict[str, str]:
        """Where each provider has its own pages, as ProviderSettings has it."""
        return {name: terms.site for name, terms in self.providers.items()}

    @property
    def backups(self) -> Terms:
        """Where backups go: beside an SQLite file, where nothing else is said."""
        url = with_driver(self.database_url.get_secret_value())
        beside = Path(url.database or "").parent if url.get_backend_name() == "sqlite" else Path("data")
        folder = self.backup_folder or beside / "backups"
        return Terms(folder, self.backup_keep, self.backup_passphrase.get_secret_value())

    def secrets(self) -> set[str]:
        """Every value that no log, message or error may contain."""
        password = with_driver(self.database_url.get_secret_value()).password
        found = {
            self.bot_token.get_secret_value(),
            self.bot_token.get_secret_value().partition(":")[2],
            self.telegram_webhook_secret.get_secret_value(),
            self.backup_passphrase.get_secret_value(),
            str(password or ""),
            *(provider.key.get_secret_value() for provider in self.providers.values()),
        }
        return {secret for secret in found if secret}


_MISSING = {
    "BOT_TOKEN": "is missing: ask @BotFather in Telegram for one and put it into .env.",
}


def load(**values: Any) -> Settings:
    """The settings of the environment and `.env`; `values` come before both. Raises SettingsRefused."""
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsRefused([_sentence(detail) for detail in error.errors()]) from None
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        raise SettingsRefused([f"{name[1].upper() if name else 'A setting'} could not be read."]) from None


_BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def _sentence(detail: ErrorDetails) -> str:
    """One validation error as a sentence that names the variable and never repeats its value."""
    name = "__".join(str(part) for part in detail["loc"]).upper()
    known = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            told = _MISSING.get(name, "is missing.")
        case "extra_forbidden":
            told = "is not a setting this shop knows."
        case "value_error":
            told = str(known["error"])
        case "literal_error":
            told = f"must be {known['expected']}."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            told = "must be " + ", ".join(f"{_BOUNDS[bound]} {limit:g}" for bound, limit in known.items()) + "."
        case "bool_parsing":
            told = "must be true or false."
        case "model_type" | "model_attributes_type" | "dict_type":
            told = f"stands alone: write {name}__URL and {name}__KEY."
        case kind if "parsing" in kind or kind in {"int_from_float", "finite_number"}:
            told = "must be a number."
        case _:
            told = f"cannot be used: {detail['msg'].lower()}."
    return f"{name} {told}".strip()
