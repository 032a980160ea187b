"""The portal's settings, read from top to bottom; what differs between installations comes from the environment."""

import os
from pathlib import Path
from typing import Any

from support_portal import embedded, environment, static_files, time_zones
from support_portal.logs import logging_config

time_zones.use_packaged_rules()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = environment.path("VAR_DIR", BASE_DIR / "var")  # everything a demo run keeps: data, mail, logs, secrets

# ── Demo run or real installation ───────────────────────────────────────────────────────────────────────────────────
# Without DATABASE_URL this is the demo run, and a checkout with demo data stays one. Only there have secrets and the
# public address values of their own.
DEMO_FILE = VAR_DIR / "demo.json"
DEMO = environment.flag("DEMO", default=not os.environ.get("DATABASE_URL") or DEMO_FILE.exists())
DEBUG = environment.flag("DEBUG", default=False)

_embedded = embedded.Servers(VAR_DIR)
_secret = environment.Secrets(VAR_DIR / "secrets.json", generate=DEMO)
SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])  # earlier ones, while it is exchanged
REQUEST_NUMBER_KEY = _secret("REQUEST_NUMBER_KEY")  # permutes the numbers of service requests; never change it
EVENT_HASH_KEY = _secret("EVENT_HASH_KEY")  # salts the hashes that stand for personal values in events
SECOND_FACTOR_KEY = _secret("SECOND_FACTOR_KEY")  # encrypts the secrets of authenticator apps; never change it
SINGLE_SIGN_ON_KEY = _secret("SINGLE_SIGN_ON_KEY")  # encrypts the client secrets of single sign-on
WEBHOOK_KEY = _secret("WEBHOOK_KEY")  # encrypts the secrets that webhooks are signed with

PORT = environment.whole_number("PORT", default=8000, least=1)
_public = environment.origin("PUBLIC_URL", f"http://localhost:{PORT}" if DEMO else None)
PUBLIC_URL = _public.geturl()  # links in mail begin with it, never with a Host header
SECURE = _public.scheme == "https"
_hosts = [str(_public.hostname)] + (["localhost", "127.0.0.1", "[::1]"] if DEMO else [])
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", list(dict.fromkeys(_hosts)))
TRUSTED_PROXIES = environment.words("TRUSTED_PROXIES", [])  # addresses or networks whose X-Forwarded-* we believe
METRICS_NETWORKS = environment.words(
    "METRICS_NETWORKS", []
)  # who may read /metrics without a token, beside this machine

# ── Apps and middleware ─────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "accounts.apps.AccountsConfig",
    "sla.apps.SlaConfig",
    "severity.apps.SeverityConfig",
    "selfhelp.apps.SelfhelpConfig",
    "tickets.apps.TicketsConfig",
    "support_portal.apps.PortalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "lucide",
    "csp",
]
MIDDLEWARE = [
    "support_portal.middleware.RequestIdMiddleware",
    "support_portal.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "support_portal.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "support_portal.health.HealthMiddleware",
    "support_portal.middleware.SizeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.CircumstancesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.BrowserMiddleware",
    "accounts.middleware.SessionAgeMiddleware",
    "accounts.middleware.SignOnMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "support_portal.problems.ProblemMiddleware",
    "accounts.middleware.SignInAgainMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.ActingForMiddleware",
]
ROOT_URLCONF = "support_portal.urls"
WSGI_APPLICATION = "support_portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "accounts.context.portal",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "lucide.templatetags.lucide",
                "support_portal.templatetags.carrying",
            ],
        },
    }
]

# ── Database ────────────────────────────────────────────────────────────────────────────────────────────────────────
STATEMENT_TIMEOUT = environment.seconds("STATEMENT_TIMEOUT", default=10)  # workers are started with 30
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database("DATABASE_URL", _embedded.postgres.url)
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False, "DISABLE_SERVER_SIDE_CURSORS": False}
}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "connect_timeout": 3,
    "application_name": environment.text("APPLICATION_NAME", "portal"),
    "options": environment.session_options(
        statement_timeout=STATEMENT_TIMEOUT,
        lock_timeout=environment.seconds("LOCK_TIMEOUT", default=3),
        idle_in_transaction_session_timeout=environment.seconds("IDLE_IN_TRANSACTION_TIMEOUT", default=15),
        synchronous_commit="on",  # P-1: acknowledged means flushed
        default_transaction_isolation="read committed",
        jit="off",  # our statements are short: compiling them costs more than it saves
        random_page_cost="1.1",  # what is read lies in memory or on flash: any page costs about the same
        join_collapse_limit="4",  # our joins stand in a good order: weighing a dozen takes 4 ms, running them 0.3 ms
    ),
}
TRUST_FAILOVER = environment.flag("TRUST_FAILOVER", default=False)  # a promoted standby has lost nothing

# ── Redis: nudges, caches and counters, nothing that may not be lost ────────────────────────────────────────────────
REDIS_URL = environment.redis("REDIS_URL", _embedded.valkey.url)
_redis_patience = {"socket_connect_timeout": 1, "socket_timeout": 2}
CACHES = {
    "default": {
        "BACKEND": "support_portal.caching.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {**_redis_patience, "serializer": "support_portal.caching.JSONSerializer"},
    }
}

# ── Celery ──────────────────────────────────────────────────────────────────────────────────────────────────────────
SWEEP_INTERVAL = environment.seconds("SWEEP_INTERVAL", default=2, least=0.1)
CELERY_BROKER_URL = environment.broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **_redis_patience,
    "visibility_timeout": 300,
    "unacked_restore_interval": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
    "global_keyprefix": "portal:",
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Deadlines never queue behind a slow mail server (P-3): what may take long has a queue of its own, and in a full run a
# worker of its own. A worker that is told nothing takes both.
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in ("celery", "slow")}
SLOW = ("tickets.relay", "tickets.tidy_up", "tickets.inspect_files", "tickets.write_exports")
CELERY_TASK_ROUTES = {name: {"queue": "slow"} for name in SLOW}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = environment.number("WORKER_SOFT_SHUTDOWN", default=20)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"  # intervals of seconds: there is nothing to remember over a restart

# ── People: sign-in, sessions, passwords ────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "support_portal.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # links in mail: one hour
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.signing_in.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.PasswordForm",
    "reset_password": "accounts.forms.ResetRequestForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "user_token": "accounts.forms.ResetKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # sign-in counters live in PostgreSQL, and survive the loss of Redis
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme

# Whose sessions need a second factor (any of `staff`, `global_admin`, `everyone`); nobody's in a demo run, whose
# sign-ins everybody reads.
REQUIRE_SECOND_FACTOR = environment.some_of(
    "REQUIRE_SECOND_FACTOR",
    ("staff", "global_admin", "everyone", "nobody"),
    default=["nobody"] if DEMO else ["staff", "global_admin"],
)
RECENT_SIGN_IN = 15 * 60  # seconds, within which what touches an account's safety needs no new confirmation
MFA_ADAPTER = "accounts.signing_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

SESSION_ENGINE = "accounts.signing_in.sessions"  # rows of PostgreSQL that know their person
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 2 * 60 * 60  # idle
SESSION_MAXIMUM_AGE = 12 * 60 * 60  # in all, see SessionAgeMiddleware
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "support_portal.problems.handlers.csrf_failure"
# By which a browser is known again at sign-in; it opens nothing. Browsers keep no cookie for longer.
BROWSER_COOKIE_NAME = "__Host-browser" if SECURE else "browser"
BROWSER_COOKIE_AGE = 400 * 24 * 60 * 60

LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60

# ── Headers (RELIABILITY.md, section 3) ─────────────────────────────────────────────────────────────────────────────
SECURE_SSL_REDIRECT = SECURE and environment.flag("REDIRECT_TO_HTTPS", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked by machines from nearby
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
# `check --deploy` wants this on; HeadersMiddleware sends the header all the same without the word "preload", for that
# is an operator's decision about a whole domain and hard to take back.
SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=()"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# ── Languages and time ──────────────────────────────────────────────────────────────────────────────────────────────
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]

# ── Files, uploads, mail ────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = environment.path("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": environment.path("ATTACHMENTS_DIR", VAR_DIR / "attachments")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},  # nothing private there
    },
}
MEDIA_ROOT = STORAGES["default"]["OPTIONS"]["location"]  # type: ignore[index]
WHITENOISE_MAX_AGE = 60
WHITENOISE_ADD_HEADERS_FUNCTION = static_files.cache_headers
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # beyond it: 413
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
MAX_URL_BYTES = 4 * 1024  # beyond it: 414
MAX_HEADER_BYTES = 16 * 1024  # beyond it: 431
MAX_API_UPLOAD_BYTES = 25 * 1024 * 1024 + DATA_UPLOAD_MAX_MEMORY_SIZE  # one attachment; beyond it: 413
MAX_UPLOAD_BYTES = 10 * 25 * 1024 * 1024 + DATA_UPLOAD_MAX_MEMORY_SIZE  # ten attachments and their form; beyond it: 413
EXPORTS_AT_ONCE = environment.whole_number("EXPORTS_AT_ONCE", default=2, least=1)  # in the whole installation
EXPORTS_ROOM_MIB = environment.whole_number("EXPORTS_ROOM_MIB", default=2048, least=1)  # of an organisation's files
CLAMD_URL = environment.clamd("CLAMD_URL")  # of the virus scanner; without one attachments are not scanned

MAIL_DIR = environment.path("MAIL_DIR", VAR_DIR / "mail")
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.whole_number("EMAIL_PORT", default=25, least=1)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = environment.flag("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = 10
EMAIL_CONNECTIONS = environment.whole_number("EMAIL_CONNECTIONS", default=4, least=1)  # at once, for each relay
EMAIL_BACKEND = "support_portal.mail.SmtpBackend" if os.environ.get("EMAIL_HOST") else "support_portal.mail.EmlBackend"
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"Support desk <support@{_public.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ── Requests to servers that others name: issuers of single sign-on, receivers of webhooks ──────────────────────────
OUTGOING_ALLOW = environment.networks("OUTGOING_ALLOW")  # inner networks that may be asked all the same, at any port
OUTGOING_PLAIN_HTTP = environment.flag("OUTGOING_PLAIN_HTTP", default=False)
WEBHOOK_CONNECTIONS = environment.whole_number("WEBHOOK_CONNECTIONS", default=32, least=4)  # at once, for each sender

# ── Silent customers ────────────────────────────────────────────────────────────────────────────────────────────────
# Business days of the organisation after which a customer who was asked something is reminded, and after which the
# request is closed; what waits already keeps its instants. Each reminder announces the closing.
WAITING_CLOSE_DAYS = environment.whole_number("WAITING_CLOSE_DAYS", default=10, least=2)
WAITING_REMINDER_DAYS = environment.rising("WAITING_REMINDER_DAYS", default=[2, 5], below=WAITING_CLOSE_DAYS)

# ── Retention: for how many months what is kept (docs/operations.md) ────────────────────────────────────────────────
KEEP_REQUESTS_MONTHS = environment.whole_number("KEEP_REQUESTS_MONTHS", default=18, least=1)  # after archiving
KEEP_ENGAGEMENTS_MONTHS = environment.whole_number("KEEP_ENGAGEMENTS_MONTHS", default=18, least=1)  # after their end
KEEP_ASKS_MONTHS = environment.whole_number("KEEP_ASKS_MONTHS", default=12, least=1)  # after they were settled
KEEP_INVITATIONS_MONTHS = environment.whole_number("KEEP_INVITATIONS_MONTHS", default=3, least=1)  # after they expired
KEEP_NOTICES_MONTHS = environment.whole_number("KEEP_NOTICES_MONTHS", default=12, least=1)
KEEP_DRAFTS_MONTHS = environment.whole_number("KEEP_DRAFTS_MONTHS", default=12, least=1)  # after their last change
KEEP_TOKENS_MONTHS = environment.whole_number("KEEP_TOKENS_MONTHS", default=12, least=1)  # after their end
KEEP_BROWSERS_MONTHS = environment.whole_number("KEEP_BROWSERS_MONTHS", default=13, least=1)  # after their last sign-in
KEEP_TRAIL_VALUES_MONTHS = environment.whole_number("KEEP_TRAIL_VALUES_MONTHS", default=18, least=1)
KEEP_WEBHOOKS_MONTHS = environment.whole_number("KEEP_WEBHOOKS_MONTHS", default=3, least=1)  # the log of deliveries

# ── API ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
RATE_LIMIT_FACTOR = environment.number(
    "RATE_LIMIT_FACTOR", default=1
)  # multiplies every limit; benchmarks use a large one
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "support_portal.api.authentication.TokenAuthentication",
        "support_portal.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "support_portal.api.permissions.HasScope",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["support_portal.api.throttling.ApiThrottle"],
    "DEFAULT_PARSER_CLASSES": ["support_portal.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "support_portal.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "support_portal.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "support_portal.api.exceptions.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UPLOADED_FILES_USE_URL": False,
    "URL_FORMAT_OVERRIDE": None,
}
PROBLEM_WORDS = "support_portal.problems.problem_for"  # how pages find the words for a refusal
PATCH_PARSER = "support_portal.api.parsers.MergePatchParser"  # how PATCH takes a merge patch, beside plain JSON
HEALTH_REPORT = "support_portal.health.examine"  # how the page of operations learns how the portal is doing
EVENT_WORDS = "tickets.audit_wording.event_words"  # how pages of accounts name the events of every app
# What staff can know, from the apps above accounts: pairs of code and name in the active language.
SKILLS = {"services": "tickets.selectors.catalogue.service_names", "languages": "tickets.selectors.catalogue.languages"}
RESPONSE_TERMS = "tickets.selectors.terms.response_terms"  # what accounts, which knows no policies, tells of tiers
STAFF_LEFT = "tickets.services.assignment.hand_back"  # what happens to the work of somebody whose account is closed
CALENDAR_CHECK = "sla.problem_wording.calendar_problems"  # how accounts, which knows no sla, has a calendar checked
SPECTACULAR_SETTINGS = {
    "TITLE": "Support portal API",
    "DESCRIPTION": (
        "File service requests, follow them, and work on them.\n\n"
        "Send a token as `Authorization: Bearer sp_…`. Instants are ISO 8601 in UTC. Lists come in pages: follow "
        "`next`. Every refusal is a [problem document](/api/v1/docs/errors/); programs go by its `code`. Changes name "
        "the version they were made for in `If-Match`. An `Idempotency-Key` makes it safe to repeat a POST.\n\n"
        "Nothing goes away unannounced: what will end says so in `Deprecation` and `Sunset` for a year at least. "
        "New fields and new codes may come at any time; ignore those that you do not know."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "displayRequestDuration": True,
        "docExpansion": "none",  # two hundred operations at once take a browser seconds, and nobody finds anything
        "filter": True,
        "defaultModelsExpandDepth": -1,
        "validatorUrl": None,
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ArticleKindEnum": "selfhelp.models.Article.Kind",
        "ContactMethodEnum": "tickets.catalogue.CONTACT_METHODS",
        "CommitmentStateEnum": "tickets.api.serializers.assessing.COMMITMENT_STATES",
        "CustomerRoleEnum": "accounts.permissions.CUSTOMER_ROLES",
        "DutyRoleEnum": "accounts.api.rota_serializers.DUTY_ROLES",
        "InvitationStateEnum": "accounts.api.people_serializers.INVITATION_STATES",
        "DisputeStateEnum": "tickets.api.serializers.disputes.DISPUTE_STATES",
        "EngagementKindEnum": "tickets.api.serializers.engagements.KINDS",
        "EngagementStateEnum": "tickets.api.serializers.engagements.STATES",
        "EscalationReasonEnum": "tickets.api.serializers.hanging.REASONS",
        "ExportFormatEnum": "tickets.models.ExportFormat",
        "ExportKindEnum": "tickets.models.ExportKind",
        "ExportStateEnum": "tickets.models.ExportState",
        "IncidentImpactEnum": "tickets.api.serializers.incidents.IMPACTS",
        "IncidentStateEnum": "tickets.api.serializers.incidents.STATES",
        "LanguageEnum": "tickets.catalogue.LANGUAGES",
        "MessageKindEnum": "tickets.models.MessageKind",
        "NewMessageKindEnum": "tickets.api.serializers.acts.MESSAGE_KINDS",
        "PageLanguageEnum": "accounts.api.people_serializers.LANGUAGES",
        "PlanTierEnum": "tickets.api.serializers.shared.PLAN_TIERS",
        "ReferralEnum": "tickets.catalogue.REFERRALS",
        "RequestStateEnum": "tickets.api.serializers.requests.STATES",
        "ScopeEnum": "tickets.catalogue.SCOPES",
        "ServiceStateAnswerEnum": "tickets.api.serializers.fields.SERVICE_STATE_ANSWERS",
        "SeverityEnum": "tickets.selectors.prospects.SEVERITIES",
        "StaffRoleEnum": "accounts.permissions.STAFF_ROLES",
        "SupportKindEnum": "tickets.api.serializers.shared.KINDS",
        "TimerKindEnum": "tickets.api.serializers.operations.TIMER_KINDS",
        "TranslatorStateEnum": "tickets.api.serializers.hanging.TRANSLATOR_STATES",
        "TierEnum": "sla.vocabulary.TIERS",
        "WordsLanguageEnum": "tickets.api.serializers.exports.LANGUAGES",
        "YesNoAnswerEnum": "tickets.api.serializers.fields.YES_NO_ANSWERS",
        "YesNoEnum": "tickets.api.serializers.fields.YES_NO",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "support_portal.api.schema.add_shared_parts",
    ],
}

# ── Logs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
LOG_FORMAT = environment.choice("LOG_FORMAT", ("console", "json"), default="console")
LOG_LEVEL = environment.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING = logging_config(form=LOG_FORMAT, level=LOG_LEVEL)
