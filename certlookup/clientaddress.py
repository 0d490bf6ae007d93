"""Whose request this is, behind the proxies named in TRUSTED_PROXIES and no others."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from python_ipware import IpWare

_IPV6_NETWORK = 64
_UNKNOWN = "unknown"


@lru_cache(maxsize=8)
def _reader(proxies: tuple[str, ...]) -> IpWare:
    return IpWare(precedence=("CHAIN",), proxy_list=list(proxies))


def client_address(meta: Mapping[str, str]) -> str:
    """The address a request is counted under: an IPv4 address, or an IPv6 /64, since a household holds a whole one.

    meta is the request's META. TRUSTED_PROXIES lists addresses or networks in the order in which a request passes
    them; X-Forwarded-For counts only when the last hops, the socket's own address included, are these. Whatever a
    client writes in front of that chain is never looked at.
    """
    remote = meta.get("REMOTE_ADDR", "")
    proxies = tuple(settings.TRUSTED_PROXIES)
    if proxies:
        chain = f"{meta.get('HTTP_X_FORWARDED_FOR', '')},{remote}"
        found, trusted = _reader(proxies).get_client_ip({"CHAIN": chain})
        if found is not None and trusted:
            return _counted(found)
    try:
        return _counted(ipaddress.ip_address(remote))
    except ValueError:
        # A unix socket has no address; such requests share one counter.
        return _UNKNOWN


def _counted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address), _IPV6_NETWORK), strict=False))
    return str(address)
