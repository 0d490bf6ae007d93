from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "证书库"

    def ready(self) -> None:
        # Importing registers the check; it reads a model, so it can't stand in certlookup/checks.py.
        import certificates.keycheck  # noqa: F401
        from certificates.load import tell_beside
        from certlookup.beside import do_beside

        do_beside(tell_beside)
