"""Argon2 with OWASP's least cost: hundreds of tests log in, and what a password's hash costs is none of their matters."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1
