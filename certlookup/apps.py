from django.apps import AppConfig
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries


class CertlookupConfig(AppConfig):
    name = "certlookup"
    verbose_name = "certlookup"

    def ready(self) -> None:
        # Importing registers the checks.
        import certlookup.checks  # noqa: F401
        from certlookup import replicas

        replicas.set_up()
        _tidy_less()


def _tidy_less() -> None:
    """Take out of Django's work around each request what has nothing to do here, and costs as much as a counter.

    Connections are given back after each request; before it there is none to be looked after. Queries are only noted
    under DEBUG, and closing a cache does nothing in either of ours.
    """
    request_started.disconnect(reset_queries)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
