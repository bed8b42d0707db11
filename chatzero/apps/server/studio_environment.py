"""The doctor's table for the studio: at once what takes no measuring, and, when asked, a measured training step.

Measuring is `chatzero doctor --json` in a process of its own: whatever a driver does there, the server goes on.
"""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.here import require_here
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.one_at_a_time import one_at_a_time
from chatzero.apps.server.openapi import ERRORS, body_of
from chatzero.apps.server.requests import parse_as
from chatzero.apps.server.studio_requests import MeasureRequest
from chatzero.doctor.advice import Prediction
from chatzero.doctor.checks import check
from chatzero.doctor.facts import gather_facts
from chatzero.doctor.finding import Finding
from chatzero.doctor.measure import Measurement
from chatzero.language import current_language, tr
from chatzero.pipeline.launch import COMMAND

DOCTOR = COMMAND
_PATIENCE_S = 300.0


class Predicted(BaseModel):
    """Of each size, when it is trained on so many tokens."""

    tokens: int
    sizes: list[Prediction]


class Environment(BaseModel):
    """As `chatzero doctor --json` prints it. `ok`: nothing has to be mended."""

    ok: bool
    findings: list[Finding]
    measured: Measurement | None
    predicted: Predicted | None


def add_environment(app: FastAPI, settings: ServerSettings) -> None:
    """`GET /studio/doctor`, unmeasured and at once; `POST`, measured: half a minute or so, one at a time."""
    lock = asyncio.Lock()

    @app.get("/studio/doctor", response_model=Environment, responses=ERRORS)
    async def environment(request: Request) -> Response:
        require_here(settings)
        findings = await asyncio.to_thread(lambda: check(gather_facts(Path.cwd(), thorough=False)))
        failed = any(finding.verdict == "fail" for finding in findings)
        rows = [asdict(finding) for finding in findings]
        return JSONResponse({"ok": not failed, "findings": rows, "measured": None, "predicted": None})

    @app.post(
        "/studio/doctor",
        response_model=Environment,
        responses=ERRORS,
        openapi_extra=body_of("MeasureRequest"),
    )
    async def measure(request: Request) -> Response:
        require_here(settings)
        wanted = parse_as(MeasureRequest, await read_json_body(request, settings))
        busy = tr("this machine is being measured already", "正在实测这台机器")
        async with one_at_a_time(lock, busy, retry_after_s=10):
            return JSONResponse(await _measured(wanted.arch))


async def _measured(arch: str) -> object:
    """The document of `chatzero doctor`. Raises `ApiError` with its last words where it gives none."""
    words = [*DOCTOR, "--lang", current_language(), "doctor", "--json", "--arch", arch]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        printed, complaint = await asyncio.wait_for(process.communicate(), _PATIENCE_S)
        return json.loads(printed)
    except (TimeoutError, asyncio.TimeoutError, ValueError) as error:
        last = "" if not isinstance(error, ValueError) else complaint.decode(errors="replace").strip()[-300:]
        message = tr("measuring did not end well", "实测没有正常结束")
        raise ApiError(503, f"{message}. {last}".strip(), code="not_measured", kind="server_error") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
