"""The fastest settings for this peer, with the same durability as this server."""

import os
from datetime import timedelta

import dj_database_url

SECRET_KEY = os.environ["JWT_SECRET"]
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "benchmarks.peers.naive",
    "channels",
]
ASGI_APPLICATION = "benchmarks.peers.naive.asgi.application"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
if "REDIS_URL" in os.environ:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": "peer"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}

DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
else:
    # Not psycopg's pool: `database_sync_to_async` has one thread, whose one connection is
    # cheaper to keep than to take from a pool and put back for every save.
    DATABASES["default"] |= {"CONN_MAX_AGE": None}
