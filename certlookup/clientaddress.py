"""Whose request this is, behind the proxies named in TRUSTED_PROXIES and no others."""

import ipaddress
import socket
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from python_ipware import IpWare

_IPV6_NETWORK = 64
_UNKNOWN = "unknown"
_SOMEBODY = "198.51.100.1"
# By the first byte: 0 is no network of hosts, and from 224 on there are groups and what is reserved.
_FIRST_HOST, _FIRST_MULTICAST = 1, 224


@lru_cache(maxsize=64)
def _is_proxy(remote: str, proxy: str) -> bool:
    """Whether the socket's own address is the one proxy's."""
    found, trusted = _reader((proxy,)).get_client_ip({"CHAIN": f"{_SOMEBODY},{remote}"})
    return bool(trusted) and str(found) == _SOMEBODY


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
    if len(proxies) == 1 and (alone := _ordinary(meta.get("HTTP_X_FORWARDED_FOR", ""))) and _is_proxy(remote, *proxies):
        return alone
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


def _ordinary(forwarded: str) -> str | None:
    """A host's IPv4 address alone, what nginx sends in front of one server; None for anything else.

    The library takes as long for it as the rest of a lookup's limits together. A test compares with what it says.
    """
    try:
        address = socket.inet_pton(socket.AF_INET, forwarded)
    except (OSError, ValueError):
        return None
    return socket.inet_ntop(socket.AF_INET, address) if _FIRST_HOST <= address[0] < _FIRST_MULTICAST else None


def _counted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address), _IPV6_NETWORK), strict=False))
    return str(address)
