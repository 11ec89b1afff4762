"""What the operator sets, read once from the environment or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge import IrbotError

RULES = {
    "slack_bot_token": "must start with xoxb-: copy the Bot User OAuth Token from your Slack app's OAuth & Permissions",
    "slack_app_token": "must start with xapp-: create an app-level token with the scope connections:write "
    "under your Slack app's Basic Information",
    "slack_signing_secret": "must be the Signing Secret from your Slack app's Basic Information",
    "slack_api_url": "must be a web address such as https://slack.com/api/",
    "port": "must be a number from 1 to 65535",
    "irbot_data": "must be the path of a folder",
    "irbot_library": "must be the path of a folder",
    "irbot_log_level": "must be DEBUG, INFO, WARNING or ERROR",
}


class SettingsError(IrbotError):
    """A setting is missing or wrong; the message names the variable, how to mend it, and never its value."""


def _begins_with(prefix: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value()
        if not value.startswith(prefix) or value == prefix:
            raise ValueError(prefix)
        return secret

    return AfterValidator(check)


def _base_url(url: str) -> str:
    return str(TypeAdapter(HttpUrl).validate_python(url)).rstrip("/") + "/"


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError("no such home") from error


Secret = Annotated[SecretStr, BeforeValidator(str.strip)]
Folder = Annotated[Path, AfterValidator(_expanded)]


class Settings(BaseSettings):
    """The settings, each named as its environment variable."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    slack_bot_token: Annotated[Secret, _begins_with("xoxb-")] | None = None
    slack_app_token: Annotated[Secret, _begins_with("xapp-")] | None = None
    slack_signing_secret: Secret | None = None
    slack_api_url: Annotated[str, AfterValidator(_base_url)] = "https://slack.com/api/"
    port: int = Field(default=3000, ge=1, le=65535)
    irbot_data: Folder = Field(default_factory=lambda: user_cache_path("irbot"))
    irbot_library: Folder | None = None
    irbot_log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = "INFO"

    def secret(self, name: Literal["slack_bot_token", "slack_app_token", "slack_signing_secret"]) -> str:
        """The secret in clear; raises SettingsError when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise SettingsError(f"{name.upper()} is not set; it {RULES[name]}.")
        return value.get_secret_value()


def read_settings() -> Settings:
    """The settings of this process; raises SettingsError for the first that is malformed."""
    try:
        return Settings()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise SettingsError(f"{name.upper()} {RULES[name]}.") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("The file .env cannot be read: it must be a UTF-8 text file of NAME=value lines.") from None
