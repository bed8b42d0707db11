"""The description of the API that the server gives of itself (`/openapi.json`)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from chatzero.apps.server.requests import ChatRequest, CompletionRequest
from chatzero.apps.server.responses import ErrorBody
from chatzero.apps.server.studio_requests import STUDIO_REQUESTS

ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}}


def body_of(schema: str) -> dict[str, Any]:
    """We read bodies ourselves (limits, error bodies); the description of the API names their schema."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}}


def description_of(app: FastAPI) -> dict[str, Any]:
    """The server's OpenAPI document, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        _, bodies = models_json_schema(
            [(kind, "validation") for kind in (ChatRequest, CompletionRequest, *STUDIO_REQUESTS)],
            ref_template="#/components/schemas/{model}",
        )
        schema["components"]["schemas"].update(bodies["$defs"])
        app.openapi_schema = schema
    return app.openapi_schema
