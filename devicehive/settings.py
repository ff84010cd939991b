"""The settings of Django and of the server, from environment variables.

Some are in modules of their own: `limits.py`, `web.py`, `database_settings.py`, `retention.py` and
`log/configuration.py`.
"""

from pathlib import Path

from devicehive import env, keys, state

BASE_DIR = Path(__file__).resolve().parent.parent
# If pip has installed the server, there is no manage.py, and the state must not be kept here.
IS_CLONE = (BASE_DIR / "manage.py").exists()

STATE_DIR = (BASE_DIR if IS_CLONE else Path.home() / ".local/state/devicehive") / env.text(
    "STATE_DIR", "var", "Folder for all state: SQLite database, generated secrets."
)
state.make_folder(STATE_DIR)

DEBUG = env.switch("DEBUG", False, "Django's debug pages. Never on a public host.")
HOST = env.text("HOST", "127.0.0.1", "Address the server listens on.").strip("[]")
PORT = env.number("PORT", 8000, "Port the server listens on.", least=1, most=65535)
PROCESSES = env.number(
    "PROCESSES", 1, "Server processes; more than one needs PostgreSQL and Redis.", least=1, most=64
)

# --- Secrets ---------------------------------------------------------------------------

SECRET_KEY = env.text(
    "SECRET_KEY", "", "Django's key for admin sessions. Generated in STATE_DIR when not set."
) or keys.kept(STATE_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words(
    "SECRET_KEY_FALLBACKS", [], "Former keys; sessions signed with them remain valid."
)
JWT_SECRET = env.text(
    "JWT_SECRET",
    "",
    "Secret that signs tokens, read as Base64 text. Generated in STATE_DIR when not set; "
    "every process of an installation must have the same.",
) or keys.kept(STATE_DIR / "jwt_secret")
FORMER_JWT_SECRETS = env.dated(
    "FORMER_JWT_SECRETS",
    "Former secrets; tokens signed with one remain valid until the end of its day, in UTC.",
)
for each in (JWT_SECRET, *(secret for secret, _ in FORMER_JWT_SECRETS)):
    keys.signing_key(each)  # Raises ImproperlyConfigured if the key would be empty.
ACCESS_TOKEN_SECONDS = env.number(
    "ACCESS_TOKEN_SECONDS", 1_800, "Lifetime of access tokens.", least=1
)
REFRESH_TOKEN_SECONDS = env.number(
    "REFRESH_TOKEN_SECONDS", 15_724_800, "Lifetime of refresh tokens.", least=1
)
DEVICEHIVE_ADMIN_LOGIN = env.text(
    "DEVICEHIVE_ADMIN_LOGIN", "dhadmin", "Login of the administrator that `createadmin` makes."
)
DEVICEHIVE_ADMIN_PASSWORD = env.text(
    "DEVICEHIVE_ADMIN_PASSWORD",
    "",
    "Password of that administrator, 6 to 128 characters. When not set, `createadmin` makes one "
    "and prints it once.",
)
COMPATIBLE_MODE = env.switch(
    "COMPATIBLE_MODE",
    False,
    "Restores permissive behaviour of the reference server that its own test suites assert: any "
    "client may make any token, the networks of a token do not limit device/save, clients with "
    "ManageUser may change the passwords of others, configuration/get returns JWT_SECRET, tokens "
    "and connections keep the rights that they began with, and only the lists of a token decide "
    "which events it gets.",
)

# --- HTTP and WebSocket ----------------------------------------------------------------

# Access and limits. Imported here, because docs/configuration.md keeps the order of the settings.
from devicehive.limits import *  # noqa: E402, F403  # see above
from devicehive.web import *  # noqa: E402, F403  # see above

# --- Database --------------------------------------------------------------------------

DATABASE_URL = env.url(
    "DATABASE_URL",
    f"sqlite:///{STATE_DIR / 'devicehive.sqlite3'}",
    "Where everything is kept.",
    schemes=("sqlite", "postgres", "postgresql"),
)
# Threads and timeouts.
from devicehive.database_settings import *  # noqa: E402, F403  # as above

DATABASES = {"default": connection_to(DATABASE_URL, folder=STATE_DIR)}  # noqa: F405  # as above
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Channel layer ---------------------------------------------------------------------

REDIS_URL = env.url(
    "REDIS_URL",
    "",
    "Redis, which carries events between processes. Not needed by one process.",
    schemes=("redis", "rediss", "unix"),
)
CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
if REDIS_URL:
    # The core layer (channels_redis.core) closes idle WebSockets with redis-py 8 and loses
    # every socket when Redis restarts; pub/sub does neither.
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }

# --- Messages and presence -------------------------------------------------------------

from devicehive.retention import *  # noqa: E402, F403  # as above

# --- Django ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "devices",
    "devicehive",
    "devices.admin_site.RegistryConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "drf_spectacular_sidecar",  # Static files only.
]
MIDDLEWARE = [
    "devicehive.serving.secure_cookies.secure_cookies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "devices.admin.actor.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "devicehive.serving.error_pages.refuse_nul",
]
CSRF_FAILURE_VIEW = "devicehive.serving.error_pages.stale_form"
ROOT_URLCONF = "devicehive.urls"
ASGI_APPLICATION = "devicehive.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
AUTH_USER_MODEL = "devices.User"
AUTHENTICATION_BACKENDS = ["devices.auth.LoginBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "devices.auth.PasswordRule"}]
# The first determines the cost of a log-in. At the next log-in, a hash of the second kind is
# replaced by one of the first.
PASSWORD_HASHERS = [
    "devicehive.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
# The admin's own files, straight from the packages: no collectstatic before the first start.
WHITENOISE_USE_FINDERS = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "devicehive.formats"

# The log. Imported here for its place in docs/configuration.md.
from devicehive.log.configuration import *  # noqa: E402, F403  # see above

SCALES_OUT = bool(REDIS_URL) and DATABASE_URL.startswith("postgres")
"""Whether several processes can serve together; SQLite and the in-memory layer serve only one."""
