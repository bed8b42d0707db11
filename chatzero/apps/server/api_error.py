"""Every refusal in the one form that clients of the OpenAI API read: {"error": {message, type, param, code}}."""

import json
from collections.abc import Mapping
from typing import Literal

from starlette.responses import Response

ErrorType = Literal["invalid_request_error", "rate_limit_error", "server_error"]


class ApiError(Exception):
    """Ends a request with this answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        param: str | None = None,
        kind: ErrorType = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, object]:
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


class ErrorResponse(Response):
    """An `ApiError` as an answer. All ASCII: a message may quote what the client sent, half a character included."""

    media_type = "application/json"

    def __init__(self, error: ApiError) -> None:
        super().__init__(json.dumps(error.body).encode(), error.status, error.headers)
