from django.apps import AppConfig


class CertlookupConfig(AppConfig):
    name = "certlookup"
    verbose_name = "certlookup"

    def ready(self) -> None:
        # Importing registers the checks.
        import certlookup.checks  # noqa: F401
        from certlookup import replicas

        replicas.set_up()
