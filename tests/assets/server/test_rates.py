"""Who shares a rate: an address of IPv4 stands for itself, one of IPv6 for its network."""

import pytest

from assets.server.limits import RateLimit


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:DB8:0:1::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "", True),
        ("unknown", "unknown", True),
        ("unknown", "_hidden", False),
    ],
)
def test_addresses_of_one_client_share_a_rate(first: str, second: str, *, shared: bool) -> None:
    limit = RateLimit(per_minute=60, burst=1, clock=lambda: 0.0)
    assert limit.wait(first) == 0
    assert (limit.wait(second) > 0) is shared
