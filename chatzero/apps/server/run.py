"""Runs the application on uvicorn until a signal: what has begun is finished, then the process ends with code 0."""

import logging
import signal
import socket

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from chatzero.apps.server.api_error import ApiError, ErrorResponse
from chatzero.apps.server.limits import ServerSettings
from chatzero.errors import ConfigError
from chatzero.language import tr

MAX_HEAD_BYTES = 64 << 10


class Protocol(H11Protocol):
    """HTTP/1.1 whose refusal of what is no HTTP has the body that clients of the API read, too."""

    def send_400_response(self, msg: str) -> None:
        answer = ErrorResponse(ApiError(400, msg, code="invalid_http"))
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def listen(settings: ServerSettings) -> socket.socket:
    """The socket to serve on. Raises `ConfigError` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(2048)  # from now on whoever comes waits, and is not refused
    except OSError as error:
        listening.close()
        raise ConfigError(
            what=tr(f"cannot listen on {settings.host}:{settings.port}", f"无法监听 {settings.host}:{settings.port}"),
            why=str(error),
            do=tr("choose another --port, or another --host", "请换一个 --port 或 --host"),
        ) from error
    return listening


def server_of(app: FastAPI, settings: ServerSettings) -> uvicorn.Server:
    """uvicorn, set up as we want it."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=round(settings.shutdown_s),
    )
    # The log of the door holds no more than it should; this one would add queries. Off for good: `access_log=False`
    # alone lets it speak again when a handler is there.
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Server(config)


def serve_app(app: FastAPI, settings: ServerSettings, listening: socket.socket) -> None:
    """Comes back after SIGINT or SIGTERM, when all that had begun is finished or `shutdown_s` is over."""
    server = server_of(app, settings)
    # From here to uvicorn's own handlers, and again after it, when it raises the signal once more: it has been obeyed.
    before = {name: signal.signal(name, server.handle_exit) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
