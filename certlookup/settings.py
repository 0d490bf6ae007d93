"""The settings, all from the environment (docs/settings.md); what can't be read is refused at start."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from certlookup import env
from certlookup.clamd import read_address
from certlookup.patience import BesideReplicasConnection, PatientConnection, ReplicaConnection

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
UPLOADS_DIR = VAR / "uploads"
# Files that nobody has sent: pre-checked, or laid down for the import of many. They go after so many hours.
UNSENT_DIR = VAR / "unsent"
KEEP_UNSENT_HOURS = env.number("KEEP_UNSENT_HOURS", 24, least=1)
KEYS_DIR = VAR / "keys"

DEBUG = False
DEMO = env.flag("DEMO", default=True)
SITE = env.choice("SITE", "both", ("public", "staff", "both"))
SITE_ADDRESS = env.text("SITE_ADDRESS", "http://localhost:8000").rstrip("/")
SECURE = SITE_ADDRESS.startswith("https://")
if not SECURE and not DEMO and "localhost" not in SITE_ADDRESS:
    raise ImproperlyConfigured("SITE_ADDRESS has to begin with https:// outside the demo.")

# The keys of an empty system are written once, by set_up_database; afterwards a missing key refuses to start.
SECRET_KEY = env.text("SECRET_KEY") or env.file_text(KEYS_DIR / "secret_key")
CERTLOOKUP_KEYS = env.text("CERTLOOKUP_KEYS") or env.file_text(KEYS_DIR / "certlookup_keys")

# What the footer says; empty means not shown, nothing is invented.
SITE_ORGANISER = env.text("SITE_ORGANISER")
SITE_CONTACT = env.text("SITE_CONTACT")
SITE_IDENTIFICATION_CODE = env.text("SITE_IDENTIFICATION_CODE")
SITE_ICP_NUMBER = env.text("SITE_ICP_NUMBER")
SITE_POLICE_NUMBER = env.text("SITE_POLICE_NUMBER")
# Where weaknesses are told (/.well-known/security.txt), as mailto:, tel: or https: addresses.
SECURITY_CONTACT = env.words("SECURITY_CONTACT")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")

# Databases: one login role per kind of work (certlookup/roles.py).
_URLS = {
    "staff": "DATABASE_URL",
    "public": "DATABASE_PUBLIC_URL",
    "owner": "DATABASE_OWNER_URL",
    "rekey": "DATABASE_REKEY_URL",
    "backup": "DATABASE_BACKUP_URL",
    "superuser": "DATABASE_SUPERUSER_URL",
}
DATABASES: dict[str, dict[str, object]] = {
    alias: env.database(env.text(variable), name=variable) for alias, variable in _URLS.items() if env.text(variable)
}
if SITE == "public":
    # The public site's process knows no other role, whatever its environment names: it can't connect as one.
    DATABASES = {alias: described for alias, described in DATABASES.items() if alias == "public"}
# Streaming replicas, read by the public role: they answer lookups (certlookup/replicas.py), and check_system says how far
# each is behind.
_REPLICAS = {
    f"replica_{number}": env.database(url, name="DATABASE_REPLICA_URL")
    for number, url in enumerate(env.words("DATABASE_REPLICA_URL"), 1)
}
DATABASES |= _REPLICAS
LOOKUP_REPLICAS = () if SITE == "staff" else tuple(_REPLICAS)
# A replica that is further behind answers no lookup while the primary can.
REPLICA_LAG_SECONDS = env.number("REPLICA_LAG_SECONDS", 5, least=1)
if "public" in DATABASES:
    # A lookup takes milliseconds. One that waits this long, for a lock say, is better answered with 503, or elsewhere.
    env.limit_statements(DATABASES["public"], milliseconds=1400 if LOOKUP_REPLICAS else 2000)
    env.plan_once(DATABASES["public"])
for alias in LOOKUP_REPLICAS:
    env.limit_statements(DATABASES[alias], milliseconds=800)
    env.plan_once(DATABASES[alias])
if "staff" in DATABASES or "public" in DATABASES:
    first = "public" if SITE == "public" or "staff" not in DATABASES else "staff"
    DATABASES["default"] = DATABASES.pop(first)
else:
    # Lint and tests import these settings without a server; a query then says which variable is missing.
    DATABASES["default"] = {"ENGINE": "django.db.backends.dummy"}
POOL_SIZE = env.number("DATABASE_POOL", 0)
if POOL_SIZE:
    _WAITED = PatientConnection if not LOOKUP_REPLICAS else BesideReplicasConnection
    # How many seconds are waited for a connection: where another server can answer, not long.
    _POOLED = dict.fromkeys(("default", "public"), (2.0 if not LOOKUP_REPLICAS else 1.5, _WAITED))
    _POOLED |= dict.fromkeys(LOOKUP_REPLICAS, (0.8, ReplicaConnection))
    for alias in _POOLED.keys() & DATABASES.keys():
        options = DATABASES[alias]["OPTIONS"]
        assert isinstance(options, dict)
        seconds, connection_class = _POOLED[alias]
        options["pool"] = {
            "min_size": 1,
            "max_size": POOL_SIZE,
            "timeout": seconds,
            # Given up soon, an attempt is made again by the next who asks; else the pool's pauses grow to minutes, and a
            # server that is back stays unused for as long.
            "reconnect_timeout": 2,
            "connection_class": connection_class,
        }
        # A connection is tried when it leaves the pool: after a restart of the server none answers with an error. At a
        # replica that error leads elsewhere, and the trying costs a round trip.
        DATABASES[alias]["CONN_HEALTH_CHECKS"] = alias not in LOOKUP_REPLICAS
DATABASE_ROUTERS = ["certlookup.databases.SiteRouter"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "axes",
    "procrastinate.contrib.django",
    "certlookup",
    "certificates",
    "uploads",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "certlookup.sitemiddleware.SiteCspMiddleware",
    "certlookup.sitemiddleware.SiteMiddleware",
]
if SITE != "public":
    MIDDLEWARE.append("certlookup.sitemiddleware.StaffSiteMiddleware")
ROOT_URLCONF = "certlookup.urls"
WSGI_APPLICATION = "certlookup.wsgi.application"
APPEND_SLASH = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        **{f"{kind}-src": ["'self'"] for kind in ("script", "style", "img", "font", "connect", "manifest")},
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "certlookup.sitecontext.site"]
        },
    }
]

AUTH_USER_MODEL = "uploads.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# How old a password may be at a login before it has to be changed.
PASSWORD_DAYS = env.number("PASSWORD_DAYS", 90, least=1)
LOGIN_URL = "/staff/login/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

# The staff site's sessions end after 15 idle minutes, by the server's clock, and after 8 hours in any case.
SESSION_COOKIE_AGE = 15 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ABSOLUTE_AGE = 8 * 60 * 60
# The default storage's cookie would go to every path.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "uploads.pages.errors.expired"

# Five failures shut a staff number for the address they came from, and for no other.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_USERNAME_FORM_FIELD = "staff_number"
AXES_CLIENT_IP_CALLABLE = "uploads.pages.lockouts.address"
AXES_USERNAME_CALLABLE = "uploads.pages.lockouts.username"
AXES_LOCKOUT_CALLABLE = "uploads.pages.lockouts.keep_answer"
AXES_SENSITIVE_PARAMETERS = ["staff_number", "password", "otp", "recovery_code", "key_answer", "csrfmiddlewaretoken"]
# A code counts in its own half minute and the ones beside it; each failure doubles the wait, from one second.
OTP_TOTP_SYNC = False
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 1
# Security keys are bound to the site's own address; browsers accept no other than https or localhost, and no IP address.
_HOST = urlsplit(SITE_ADDRESS)
SECURITY_KEYS = SECURE or _HOST.hostname == "localhost"
OTP_WEBAUTHN_RP_ID = _HOST.hostname or "localhost"
OTP_WEBAUTHN_RP_NAME = "certlookup"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [f"{_HOST.scheme}://{_HOST.netloc}" if SECURITY_KEYS else "https://localhost"]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
# These look for a middleware by name; ours (certlookup/sitemiddleware.py) do the same, off the public way.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "security.W002", "security.W003"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "certlookup" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "certlookup.staticstorage.SiteFilesStorage",
        # nginx reads them as another user, whatever this one's umask.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}

SESSION_COOKIE_PATH = "/staff/"
CSRF_COOKIE_PATH = "/staff/"
LANGUAGE_COOKIE_PATH = "/staff/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SECURE_SSL_REDIRECT = SECURE
# Whoever watches the servers asks each by its own address, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
# Not no-referrer: browsers then send "Origin: null" with forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Lookups: how often per client address (an IPv6 /64 is one), ID number and certificate number (certificates/limits.py).
# Generous for an office of many behind one address; one person needs a handful.
RATE_ADDRESS = env.rate("RATE_ADDRESS", "300/m")
RATE_ID = env.rate("RATE_ID", "120/h")
RATE_CERTIFICATE = env.rate("RATE_CERTIFICATE", "120/h")
# From which use of the same period on a challenge is asked for; 0 means after a fifth of the rate.
CHALLENGE_ADDRESS = env.number("CHALLENGE_ADDRESS", 0)
CHALLENGE_ID = env.number("CHALLENGE_ID", 0)
CHALLENGE_CERTIFICATE = env.number("CHALLENGE_CERTIFICATE", 0)
# A program answers the question in text without effort, so one address gets this many accepted; the browser's proof of
# work costs the same for everybody, so many counters the least of them has to try.
RATE_QUESTIONS = env.rate("RATE_QUESTIONS", "10/m")
CHALLENGE_WORK = env.number("CHALLENGE_WORK", 200, least=1)
# Employers' lists handed in per address; each row is counted as a lookup besides.
RATE_LISTS = env.rate("RATE_LISTS", "30/h")
# What else one address may do: open or compare codes, leave enquiries, report forgeries (certificates/flooding.py).
RATE_CODES = env.rate("RATE_CODES", "120/m")
RATE_ENQUIRIES = env.rate("RATE_ENQUIRIES", "20/h")
RATE_REPORTS = env.rate("RATE_REPORTS", "10/h")
# How many enquiries and reports may wait in all, and how many photos are kept: beyond that somebody floods us.
ENQUIRIES_AT_MOST = env.number("ENQUIRIES_AT_MOST", 5000, least=1)
REPORT_PHOTOS_AT_MOST = env.number("REPORT_PHOTOS_AT_MOST", 500, least=1)
# In how many days an enquiry or a report is to be answered, and how long it is kept after its answer or end.
ENQUIRY_DAYS = env.number("ENQUIRY_DAYS", 10, least=1)
ENQUIRY_KEEP_DAYS = env.number("ENQUIRY_KEEP_DAYS", 90, least=1)
# The limits' counters: in the database, or in Redis or Valkey (certlookup/rediscounters.py).
CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "certlookup.ratecache.PostgresRateCache"}}
CACHE_URL = env.text("CACHE_URL")
if CACHE_URL:
    if urlsplit(CACHE_URL).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("CACHE_URL has to begin with redis://, rediss:// or unix://.")
    CACHES = {"default": {"BACKEND": "certlookup.rediscounters.RedisRateCache", "LOCATION": CACHE_URL}}
RATELIMIT_USE_CACHE = "default"
# The library's own defaults: what isn't set is looked for in vain, which costs more than the counting.
RATELIMIT_ENABLE = True
RATELIMIT_CACHE_PREFIX = "rl:"
RATELIMIT_HASH_ALGORITHM = hashlib.sha256

# Digits 3 and 4 of this register's own certificate numbers; another code is a hint that another register may have it.
OWN_ISSUER_CODE = env.text("OWN_ISSUER_CODE", "15")
# The official lookup sites of article 3, each as "name host"; the host may be missing.
OFFICIAL_SITES = env.words("OFFICIAL_SITES", "国家职业资格工作网 www.osta.org.cn,山东省职业技能鉴定服务网")

# How many rows of a file are compared with the archive before signing; the database accepts no fewer than 20.
SAMPLE_ROWS = env.number("SAMPLE_ROWS", 20, least=20)
# In how many days a leader decides what becomes of a certificate that he hid.
REVIEW_DAYS = env.number("REVIEW_DAYS", 30, least=1)

# Where a clamd scans what is uploaded: unix:/path of its socket, or host:port. Empty: nothing is scanned, and the
# system page says so.
CLAMD_ADDRESS = env.text("CLAMD_ADDRESS")
if CLAMD_ADDRESS:
    try:
        read_address(CLAMD_ADDRESS)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"CLAMD_ADDRESS has to look like unix:/run/clamav/clamd.ctl or 127.0.0.1:3310, not {CLAMD_ADDRESS!r}."
        ) from error

# Metrics for Prometheus on a port of their own; 0: none are counted. On the loopback unless said otherwise.
METRICS_PORT = env.number("METRICS_PORT", 0)
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
if METRICS_PORT:
    MIDDLEWARE.insert(0, "certlookup.metrics.MetricsMiddleware")

# Backups: the server's disk first, then the media, each a device of its own; in the demo they may lie on one.
BACKUP_PLACES = [Path(place) for place in env.words("BACKUP_PLACES")] or [
    VAR / "backups" / place for place in ("server-disk", "medium-1", "medium-2")
]
BACKUP_SAME_DEVICE = env.flag("BACKUP_SAME_DEVICE", default=DEMO)
# Retention: what is older and not among the newest in its place is removed; 0 days keeps all.
BACKUP_KEEP_DAYS = env.number("BACKUP_KEEP_DAYS", 1096)
BACKUP_KEEP_COPIES = env.number("BACKUP_KEEP_COPIES", 24, least=2)
# Within how many days after a publication the keeper has a medium with its backup, and a hand-over is confirmed.
MEDIUM_DAYS = env.number("MEDIUM_DAYS", 3, least=1)
BACKUP_RECIPIENT = env.text("BACKUP_RECIPIENT") or env.file_text(KEYS_DIR / "backup_recipient")
KEYS_PRESENT = bool(SECRET_KEY and CERTLOOKUP_KEYS and BACKUP_RECIPIENT)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "certlookup.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "filters": {"no_trace_for_visitors": {"()": "certlookup.logs.NoTraceForVisitors"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_trace_for_visitors"]}
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # Both announce themselves at every start of every command; axes writes what was typed as staff number.
    "loggers": {"axes": {"level": "ERROR"}, "procrastinate": {"level": "WARNING"}},
}
