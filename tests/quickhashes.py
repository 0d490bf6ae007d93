"""Argon2 at the least cost that it takes: hundreds of tests log in, and what a password's hash costs is none of their matters."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 8, 1
