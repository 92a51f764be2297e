"""Connections whose request never comes are closed; those that work are left alone."""

from __future__ import annotations

import socket
import threading
import time

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mm_core.serving.slow_senders import close_slow_senders

LONG = 60.0


class Served:
    """A server with a route that answers once it may, watched with a limit of 0.2 s."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        app = Starlette(routes=[Route("/", self._at_once), Route("/later", self._later)])
        self.server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Served:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        close_slow_senders(self.server, most=0.2, pause=0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        self.server.should_exit = True
        self.thread.join(LONG)

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=LONG)
        connection.sendall(sent)
        return connection

    async def _at_once(self, request: Request) -> Response:
        return PlainTextResponse("here")

    def _later(self, request: Request) -> Response:
        assert self.may_answer.wait(LONG)
        return PlainTextResponse("here")


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side closes it, before the test gives up."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_connection_without_a_request_is_closed() -> None:
    with Served() as served:
        assert is_closed(served.connect())


def test_dripped_headers_are_closed_although_they_keep_coming() -> None:
    with Served() as served:
        connection = served.connect(b"GET / HTTP/1.1\r\nhost: here\r\n")
        end = time.monotonic() + LONG
        try:
            while time.monotonic() < end:
                connection.sendall(b"x-more: and more\r\n")
                time.sleep(0.05)
        except ConnectionError:
            return
    raise AssertionError("headers were taken for ever")


def test_a_request_that_takes_long_to_be_answered_is_left_alone() -> None:
    with Served() as served:
        connection = served.connect(b"GET /later HTTP/1.1\r\nhost: here\r\n\r\n")
        assert is_closed(served.connect())  # which came later, and is over the limit by now
        served.may_answer.set()
        assert connection.recv(15).startswith(b"HTTP/1.1 200")


def test_a_connection_that_was_answered_may_ask_again() -> None:
    with Served() as served, httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=LONG) as client:
        assert client.get("/").text == "here"
        assert is_closed(served.connect())
        assert client.get("/").text == "here"
