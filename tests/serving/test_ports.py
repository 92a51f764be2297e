"""Ports that can't be served on are told at once, before anything is loaded for them."""

from __future__ import annotations

import socket

import pytest

from mm_core.serving.ports import NotServed, check_port, port_of
from tests.serving.page import free_port


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("7860", 7860), ("0080", 80), ("65535", 65535)])
def test_numbers_of_ports_are_read(text: str, port: int) -> None:
    assert port_of(text) == port


@pytest.mark.parametrize("text", ["abc", "", "0", "-1", "65536", "7860.0", "1e3", "٧٨٦٠", "9" * 5_000, "tcp://1:2"])
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(NotServed, match="from 1 to 65535") as refused:
        port_of(text)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 120


def test_a_free_port_passes_and_stays_free() -> None:
    port = free_port()
    for _ in range(2):
        check_port("127.0.0.1", port)


def test_a_taken_port_is_refused() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotServed, match=f"port {port}: it is taken"):
            check_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "a" * 300])
def test_an_address_that_is_not_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(NotServed, match="Choose one with --port"):
        check_port(host, free_port())
