"""Requests straight into an ASGI app, without a socket: quick, and the app is the whole one."""

from __future__ import annotations

import asyncio
import threading

from starlette.types import ASGIApp, Message


class Direct:
    """An ASGI app with its loop in a thread, as in a server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        # One task runs as long as the loop, as in a server: to it belong the threads that decode.
        self.end = asyncio.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.end.wait(),), daemon=True)
        self.thread.start()

    def post(self, path: str, body: bytes, boundary: bytes, seconds: float) -> tuple[int, dict[bytes, bytes], bytes]:
        """Send a form; status, headers and body of the answer. TimeoutError where it takes longer."""
        return asyncio.run_coroutine_threadsafe(self._post(path, body, boundary), self.loop).result(seconds)

    def close(self) -> None:
        """End the loop."""
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(10)
        self.loop.close()

    async def _post(self, path: str, body: bytes, boundary: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        kind = b"multipart/form-data; boundary=" + boundary
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
            "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
            "server": ("test", 80), "client": ("test", 1),
        }  # fmt: skip
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        stays = asyncio.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            if incoming:
                return incoming.pop()
            await stays.wait()  # the client waits for its answer
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"]), answer
