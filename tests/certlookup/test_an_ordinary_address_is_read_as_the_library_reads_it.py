"""The one address that nginx sends is read without python-ipware; what is counted has to be what the library would say."""

import ipaddress

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from python_ipware import IpWare

from certlookup.clientaddress import client_address

_PROXY = "192.0.2.7"
_ODD = (
    "", " ", "0.0.0.0", "0.1.2.3", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1.2.3.4:80", "256.1.1.1", "224.0.0.1",  # noqa: S104 - nothing is bound
    "255.255.255.255", "127.0.0.1", "10.0.0.1", "169.254.1.1", "2001:db8::1", "::ffff:1.2.3.4", "1.2.3.4, 5.6.7.8",
    "5.6.7.8,192.0.2.7", "unknown", "1..2.3", "１.2.3.4",
)  # fmt: skip


def by_the_library(forwarded: str, remote: str) -> str:
    """What is counted by python-ipware alone."""
    reader = IpWare(precedence=("CHAIN",), proxy_list=[_PROXY])
    found, trusted = reader.get_client_ip({"CHAIN": f"{forwarded},{remote}"})
    if found is None or not trusted:
        return remote
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), 64), strict=False))


def counted(forwarded: str, remote: str) -> str:
    """What is counted."""
    with override_settings(TRUSTED_PROXIES=[_PROXY]):
        return client_address({"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": remote})


@given(
    st.one_of(
        st.ip_addresses().map(str), st.ip_addresses(v=4).map(str), st.text("0123456789.", max_size=16),
        st.sampled_from(_ODD),
    ),
    st.sampled_from((_PROXY, "192.0.2.8", "127.0.0.1")),
)  # fmt: skip
def test_whatever_is_sent_is_counted_as_the_library_would_read_it(forwarded: str, remote: str) -> None:
    assert counted(forwarded, remote) == by_the_library(forwarded, remote)


@pytest.mark.parametrize("forwarded", _ODD)
def test_odd_addresses_are_left_to_the_library(forwarded: str) -> None:
    assert counted(forwarded, _PROXY) == by_the_library(forwarded, _PROXY)


def test_a_stranger_who_sends_an_address_is_counted_under_his_own() -> None:
    assert counted("203.0.113.9", "192.0.2.8") == "192.0.2.8"


def test_the_proxy_of_a_network_is_told_by_it() -> None:
    with override_settings(TRUSTED_PROXIES=["10.0.0.0/8"]):
        assert client_address({"HTTP_X_FORWARDED_FOR": "203.0.113.9", "REMOTE_ADDR": "10.4.5.6"}) == "203.0.113.9"
        assert client_address({"HTTP_X_FORWARDED_FOR": "203.0.113.9", "REMOTE_ADDR": "11.4.5.6"}) == "11.4.5.6"
