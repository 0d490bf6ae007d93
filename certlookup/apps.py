from django.apps import AppConfig


class CertlookupConfig(AppConfig):
    name = "certlookup"
    verbose_name = "certlookup"
