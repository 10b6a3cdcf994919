"""Settings, read from the environment: one class per environment, and nothing else."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent


class Config:
    """What every environment shares."""

    INSTANCE = Path(os.environ.get("INSTANCE_PATH", ROOT / "instance"))
    SQLALCHEMY_DATABASE_URI = os.environ.get(
        "DATABASE_URL", f"sqlite:///{INSTANCE / 'chatapp.sqlite3'}"
    )
    REDIS_URL = os.environ.get("REDIS_URL", "")
    SECRET_KEY = os.environ.get("SECRET_KEY", "")
    WTF_CSRF_TIME_LIMIT = None
    SESSION_COOKIE_SAMESITE = "Lax"


class DevelopmentConfig(Config):
    DEBUG = True


class TestConfig(Config):
    TESTING = True
    SECRET_KEY = "test-only-secret-of-more-than-32-bytes"  # noqa: S105


class ProductionConfig(Config):
    pass


def current() -> type[Config]:
    """The class for this environment: `CHATAPP_ENV`, production when unset."""
    kinds = {"development": DevelopmentConfig, "test": TestConfig, "production": ProductionConfig}
    return kinds[os.environ.get("CHATAPP_ENV", "production")]
