"""Laws of the settings: documented, typed, and refused in plain words that give nothing away."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from bot.settings import ProviderSettings, Settings, SettingsRefused, load
from services.backups import Terms
from services.policy import Policy

EXAMPLE = Path(__file__).parents[2] / ".env.example"
TOKEN = "123456789:" + "Canary0_-" * 4
KEY = "canary-provider-key"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests, and no .env but a test's own."""
    for name in os.environ:
        if name.startswith(("BOT_", "PROVIDERS")) or name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)


def refused(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    """The sentences that these variables are refused with."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refusal:
        load()
    return refusal.value.sentences


def documented() -> dict[str, str]:
    """Every variable of .env.example with the value it shows."""
    found = re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == len(dict(found)), "a variable is shown twice"
    return dict(found)


def shown(default: object) -> str:
    """A default as .env.example would show it."""
    match default:
        case None | frozenset():
            return ""
        case bool():
            return str(default).lower()
        case _ if default is PydanticUndefined:
            return ""
        case SecretStr():
            return default.get_secret_value()
        case float():
            return f"{default:g}"
    return str(default)


def test_the_example_shows_every_setting_with_its_default() -> None:
    own = {name.upper(): field.default for name, field in Settings.model_fields.items() if name != "providers"}
    of_providers = {
        f"PROVIDERS__NAME__{name.upper()}": field.default for name, field in ProviderSettings.model_fields.items()
    }
    assert documented() == {name: shown(default) for name, default in (own | of_providers).items()}


def test_the_example_explains_every_setting() -> None:
    """A sentence stands above each block of variables."""
    for before, line in pairwise(EXAMPLE.read_text(encoding="utf-8").splitlines()):
        if re.match(r"#?[A-Z][A-Z_]+=", line):
            assert re.match(r"# [A-Za-z]|#?[A-Z][A-Z_]+=", before), line


def test_the_policy_of_untouched_settings_is_the_policy_itself() -> None:
    assert load().policy == Policy()


def test_a_copied_example_lacks_the_token_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.delenv("BOT_TOKEN")
    with pytest.raises(SettingsRefused) as refusal:
        load()
    assert refusal.value.sentences == ["BOT_TOKEN is missing: ask @BotFather in Telegram for one and put it into .env."]


def test_dotenv_is_read_and_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SHOP_NAME=From the file\nCURRENCY=eur\nADMIN_IDS=1001, 1002\n", encoding="utf-8")
    monkeypatch.setenv("SHOP_NAME", "From the environment")
    settings = load()
    assert (settings.shop_name, settings.currency) == ("From the environment", "EUR")
    assert settings.admin_ids == {1001, 1002}


def test_providers_are_named_by_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDERS__NORTH__URL", "https://north.example/api/v2/")
    monkeypatch.setenv("PROVIDERS__NORTH__KEY", KEY)
    monkeypatch.setenv("PROVIDERS__NORTH__MARKUP_PERCENT", "12.5")
    (north,) = load().providers.items()
    assert north[0] == "north"
    assert north[1].url == "https://north.example/api/v2/", "panels do not redirect POSTs: the slash stays"
    assert str(north[1].markup_percent) == "12.5"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_TOKEN", "", "BOT_TOKEN is missing: ask @BotFather in Telegram for one and put it into .env."),
        ("BOT_TOKEN", "<token>", "BOT_TOKEN still holds a placeholder: put the real one there."),
        ("BOT_TOKEN", "your-token-here", "BOT_TOKEN still holds a placeholder: put the real one there."),
        ("BOT_TOKEN", "12345", "BOT_TOKEN does not look like a bot token: copy it whole from @BotFather "
         "(digits, a colon, letters)."),
        ("DATABASE_URL", "mysql://u:p@h/d", "DATABASE_URL must start with sqlite:/// or postgresql://, such as "
         "sqlite:///data/shop.db."),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must start with sqlite:/// or postgresql://, such as "
         "sqlite:///data/shop.db."),
        ("BACKUP_PASSPHRASE", "passphrase", "BACKUP_PASSPHRASE still holds a placeholder: put the real one there."),
        ("BACKUP_PASSPHRASE", "<yours>", "BACKUP_PASSPHRASE still holds a placeholder: put the real one there."),
        ("BACKUP_PASSPHRASE", "canary", "BACKUP_PASSPHRASE must have at least 12 characters: whoever guesses it reads "
         "everything."),
        ("BACKUP_KEEP", "0", "BACKUP_KEEP must be at least 1."),
        ("DEFAULT_LOCALE", "xx", "DEFAULT_LOCALE must be a language that the shop speaks: en."),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL must name a file: a shop in memory would forget its customers' "
         "money."),
        ("ADMIN_IDS", "1001,@ada", "ADMIN_IDS must be Telegram user ids, numbers separated by commas, such as "
         "1001,1002."),
        ("CURRENCY", "dollars", "CURRENCY must be a currency's three letters, such as USD."),
        ("CURRENCY", "XXY", "CURRENCY must be a currency's three letters, such as USD."),
        ("PROVIDERS__NORTH__MARKUP_PERCENT", "-50", "PROVIDERS__NORTH__MARKUP_PERCENT must be at least 0."),
        ("HTTP_PORT", "eighty", "HTTP_PORT must be a number."),
        ("HTTP_PORT", "70000", "HTTP_PORT must be at most 65535."),
        ("POLL_INTERVAL", "0", "POLL_INTERVAL must be above 0."),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be 'console' or 'json'."),
        ("PUBLIC_URL", "shop.example", "PUBLIC_URL is not a web address: it begins with https:// and names a host."),
        ("PUBLIC_URL", "http://shop.example", "PUBLIC_URL must begin with https://: Telegram delivers nowhere else."),
        ("PUBLIC_URL", "https://shop.example", "TELEGRAM_WEBHOOK_SECRET is missing: with PUBLIC_URL set, updates are "
         "only taken with it."),
        ("TELEGRAM_WEBHOOK_SECRET", "short", "TELEGRAM_WEBHOOK_SECRET must be 16 to 256 letters, digits, _ or -."),
        ("PROVIDERS__NORTH__KEY", "changeme", "PROVIDERS__NORTH__KEY still holds a placeholder: put the real one "
         "there."),
        ("PROVIDERS__NORTH__KEY", "", "PROVIDERS__NORTH__KEY is missing."),
        ("PROVIDERS__NORTH__URL", "ftp://x", "PROVIDERS__NORTH__URL is not a web address: it begins with https:// and "
         "names a host."),
        ("PROVIDERS__NORTH__MARKUP", "5", "PROVIDERS__NORTH__MARKUP is not a setting this shop knows."),
        ("PROVIDERS__NORTH__MARKUP_PERCENT", "much", "PROVIDERS__NORTH__MARKUP_PERCENT must be a number."),
        ("PROVIDERS__NORTH__CONFIRMATIONS", "3", "PROVIDERS__NORTH__CONFIRMATIONS must be at most 2."),
        ("PROVIDERS__SOUTH", "https://x.example", "PROVIDERS__SOUTH stands alone: write PROVIDERS__SOUTH__URL and "
         "PROVIDERS__SOUTH__KEY."),
        ("PROVIDERS", "https://x.example", "PROVIDERS could not be read."),
        ("LINK_CHECK", "perhaps", "LINK_CHECK must be true or false."),
        ("LINK_CHECK_HOSTS", "evil.example=http://127.0.0.1", "LINK_CHECK_HOSTS must name domains of platforms, such "
         "as instagram.com=http://127.0.0.1:8090/pages."),
        ("LINK_CHECK_HOSTS", "instagram.com", "LINK_CHECK_HOSTS is not a web address: it begins with https:// and "
         "names a host."),
        ("LINK_CHECK_HOSTS", "instagram.com=http://10.0.0.1", "LINK_CHECK_HOSTS must lead to this machine: it stands "
         "in for platforms in a sandbox, and nowhere else."),
        ("API_TRUSTED_PROXIES", "proxy.example", "API_TRUSTED_PROXIES must be IP addresses or networks of proxies, "
         "such as 127.0.0.1,10.0.0.0/8."),
        ("API_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/33", "API_TRUSTED_PROXIES must be IP addresses or networks of "
         "proxies, such as 127.0.0.1,10.0.0.0/8."),
        ("API_TRUSTED_PROXIES", "127.0.0.1:8080", "API_TRUSTED_PROXIES must be IP addresses or networks of "
         "proxies, such as 127.0.0.1,10.0.0.0/8."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv("PROVIDERS__NORTH__URL", "https://north.example/api/v2")
    monkeypatch.setenv("PROVIDERS__NORTH__KEY", KEY)
    assert refused(monkeypatch, **{name: value}) == [sentence]


def test_trusted_proxies_are_read_as_the_addresses_and_networks_that_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().api_trusted_proxies == frozenset()
    monkeypatch.setenv("API_TRUSTED_PROXIES", "127.0.0.1, 10.1.2.3/8 ::1,2001:db8::/32,::ffff:192.0.2.7,")
    read = {str(network) for network in load().api_trusted_proxies}
    assert read == {"127.0.0.1/32", "10.0.0.0/8", "::1/128", "2001:db8::/32", "192.0.2.7/32"}


def test_no_refusal_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refused(
        monkeypatch,
        BOT_TOKEN=TOKEN + "!canary",
        DATABASE_URL="mysql://shop:canary@host/shop",
        TELEGRAM_WEBHOOK_SECRET="canary!canary!canary",
        PROVIDERS__NORTH__KEY=KEY,
    )
    assert len(told) == 4
    assert "canary" not in " ".join(told).lower()


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop:canary-password@host/shop")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "canary-webhook-secret")
    monkeypatch.setenv("PROVIDERS__NORTH__URL", "https://north.example/api/v2")
    monkeypatch.setenv("PROVIDERS__NORTH__KEY", KEY)
    settings = load()
    assert "canary" not in f"{settings!r} {settings}".lower()
    assert {TOKEN, KEY, "canary-password", "canary-webhook-secret"} <= settings.secrets()


def test_backups_go_beside_the_database_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().backups == Terms(Path("data/backups"), 14)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/shop/books.db")
    assert load().backups.folder == Path("/srv/shop/backups")
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@db.example/books")
    assert load().backups.folder == Path("data/backups")
    monkeypatch.setenv("BACKUP_FOLDER", "/mnt/other/disk")
    assert load().backups.folder == Path("/mnt/other/disk")


def test_the_passphrase_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_PASSPHRASE", " canary of a passphrase ")
    settings = load()
    assert "canary of a passphrase" in settings.secrets()
    assert settings.backups.passphrase == "canary of a passphrase"
    assert "canary" not in repr(settings)
    assert "canary" not in repr(settings.backups)
