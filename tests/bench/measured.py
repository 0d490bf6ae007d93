"""Settings that floors and peer share: the bench's database under the public role, and its keys."""

from __future__ import annotations

import os
from pathlib import Path

from certlookup import env

SECRET_KEY = "measured"
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# certlookup.sealing asks for it by this name.
CERTLOOKUP_KEYS = env.text("CERTLOOKUP_KEYS") or env.file_text(Path(os.environ["VAR_DIR"]) / "keys" / "certlookup_keys")
DATABASES = {"default": env.database(env.text("DATABASE_PUBLIC_URL"), name="DATABASE_PUBLIC_URL")}
_options = DATABASES["default"]["OPTIONS"]
assert isinstance(_options, dict)
_options["pool"] = {"min_size": 1, "max_size": int(os.environ.get("WEB_THREADS", "4")), "timeout": 2}
