"""The application: which path leads where, and how every error gets its body. Runs the engine while it runs itself."""

import asyncio
import http
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatzero.apps.server.answers import ClientLeftError, Post
from chatzero.apps.server.api_error import ApiError, ErrorResponse
from chatzero.apps.server.chat_completions import chat_completions
from chatzero.apps.server.completions import completions
from chatzero.apps.server.guard import Guard
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.openapi import ERRORS, body_of, description_of
from chatzero.apps.server.prometheus import CONTENT_TYPE, metrics_page
from chatzero.apps.server.responses import ChatCompletion, Completion, Health, Model, ModelList
from chatzero.apps.server.served import Served
from chatzero.apps.server.shelf import Shelf
from chatzero.apps.server.studio import add_studio
from chatzero.apps.server.studio_data import add_studio_data
from chatzero.apps.server.studio_environment import add_environment
from chatzero.apps.server.studio_file import add_file_view
from chatzero.apps.server.studio_history import add_history
from chatzero.apps.server.studio_training import add_training
from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ChatZeroError
from chatzero.generation.writer import Speaks
from chatzero.language import tr
from chatzero.serving.engine import Engine
from chatzero.version import __version__


def build_app(bundle: Bundle, settings: ServerSettings, answering: Speaks | None = None) -> FastAPI:
    """The server of one model. `app.state.served` is there while it runs.

    `answering` is the same model on another engine, where that is to write the answers.
    """

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        post = Post(asyncio.get_running_loop())

        def engine_of(one: Bundle, answering: Speaks | None = None) -> Engine:
            return Engine(answering or one.model, one.tokenizer, settings.engine, post)

        engine = engine_of(bundle, answering)
        app.state.served = Served(bundle, settings, engine)
        app.state.shelf = Shelf(app.state.served, engine_of)
        engine.start()
        try:
            yield
        finally:
            # By now all connections are closed: what still runs, runs for nobody.
            await asyncio.to_thread(engine.stop, 1.0)
            await app.state.shelf.close()

    app = FastAPI(
        title="ChatZero", version=__version__, lifespan=running, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    answered: Counter[tuple[str, int]] = Counter()
    _add_routes(app, settings, answered)
    add_studio(app)
    add_studio_data(app, settings)
    add_environment(app, settings)
    add_training(app, settings)
    add_history(app, settings)
    add_file_view(app, settings)
    _add_errors(app)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(Guard, settings=settings, answered=answered)
    app.openapi = lambda: description_of(app)  # type: ignore[method-assign]
    return app


def _add_routes(app: FastAPI, settings: ServerSettings, answered: Counter[tuple[str, int]]) -> None:
    def served(request: Request) -> Served:
        found = request.app.state.served
        assert isinstance(found, Served)
        return found

    def shelf(request: Request) -> Shelf:
        found = request.app.state.shelf
        assert isinstance(found, Shelf)
        return found

    @app.post(
        "/v1/chat/completions",
        responses={200: {"model": ChatCompletion, "content": {"text/event-stream": {}}}, **ERRORS},
        openapi_extra=body_of("ChatRequest"),
    )
    async def chat(request: Request) -> Response:
        with shelf(request).lending() as lent:
            return await chat_completions(request, lent)

    @app.post(
        "/v1/completions",
        responses={200: {"model": Completion, "content": {"text/event-stream": {}}}, **ERRORS},
        openapi_extra=body_of("CompletionRequest"),
    )
    async def complete(request: Request) -> Response:
        with shelf(request).lending() as lent:
            return await completions(request, lent)

    @app.get("/v1/models", response_model=ModelList, responses=ERRORS)
    async def models(request: Request) -> ModelList:
        names = await shelf(request).names()
        return ModelList(data=[Model(id=name, created=created) for name, created in names.items()])

    @app.get("/v1/models/{name:path}", response_model=Model, responses=ERRORS)
    async def model(request: Request, name: str) -> Model:
        names = await shelf(request).names()
        if name not in names:
            served(request).require(name)
        return Model(id=name, created=names[name])

    @app.get("/health", response_model=Health, responses={503: {"model": Health}})
    async def health(request: Request) -> Response:
        if served(request).engine.accepting:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "stopping"}, 503)

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(request: Request) -> Response:
        return Response(metrics_page(served(request).engine, answered), media_type=CONTENT_TYPE)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> Response:
        return ErrorResponse(error)

    @app.exception_handler(ChatZeroError)
    async def cannot(request: Request, error: ChatZeroError) -> Response:
        return ErrorResponse(ApiError(400, f"{error.what}: {error.why}", code="invalid_value"))

    @app.exception_handler(ClientLeftError)
    async def nobody_there(request: Request, error: ClientLeftError) -> Response:
        return Response(status_code=499)

    @app.exception_handler(HTTPException)
    async def no_such_thing(request: Request, error: HTTPException) -> Response:
        code = "unknown_url" if error.status_code == 404 else "method_not_allowed"
        message = tr(
            f"{http.HTTPStatus(error.status_code).phrase}: {request.method} {request.url.path[:100]}",
            f"无此接口（{error.status_code}）：{request.method} {request.url.path[:100]}",
        )
        return ErrorResponse(ApiError(error.status_code, message, code=code, headers=error.headers))

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        message = tr("a fault in the server; its log says more", "服务内部出错，详见服务日志")
        return ErrorResponse(ApiError(500, message, code="server_error", kind="server_error"))
