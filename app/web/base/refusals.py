"""Errors and refusals: a problem document, or a page for browsers."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from app.auth import login_steps
from app.auth.guard import visitor
from app.auth.rights import Principal
from app.http.problems import NO_JSON, TITLES, Mistake, problem
from app.runtime import app_of
from app.web.base.language import language_of, said, say
from app.web.base.shell import show
from callbacks.lib.magic_links import masked
from callbacks.lib.sentence import sentence
from callbacks.store.errors import Conflict

MANUAL = "/api/docs"
BUSY = "Conflict with another update; please retry"
FULL = "Too many logins at once; go back and try again in a few seconds"
UNREADABLE = "There was an error parsing the body"  # the framework's own words
MOST_ERRORS = 20
LONGEST = 300
log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem document or a page."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Conflict, _busy)
    app.add_exception_handler(login_steps.Busy, _full)
    app.add_exception_handler(Exception, _broken)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    if _is_for_eyes(request):
        page = await run_in_threadpool(_page, request, error.status_code, error.detail)
        page.headers.update(error.headers or {})
        return page
    return problem(error.status_code, _detail(request, error), error.headers)


def _detail(request: Request, error: HTTPException) -> str:
    """The framework's own errors name only themselves: what would be right is added."""
    path = masked(request.url.path)[:LONGEST]  # a link's address is its secret
    if error.status_code == 404 and error.detail == HTTPStatus.NOT_FOUND.phrase:
        return f"Not found: {path}; see {MANUAL}"
    if error.status_code == 405 and error.detail == HTTPStatus.METHOD_NOT_ALLOWED.phrase:
        allowed = (error.headers or {}).get("Allow", "another method")
        return f"{request.method[:LONGEST]} is not allowed for {path}; use {allowed}"
    if error.status_code == 400 and error.detail == UNREADABLE:
        return NO_JSON
    return error.detail


def _page(request: Request, status: int, detail: str) -> Response:
    """For a thread: a database that is slow to say who looks holds up that thread, not the server's loop."""
    return _shown(request, visitor(request, app_of(request)), status, detail)


def _shown(request: Request, who: Principal | None, status: int, detail: str) -> Response:
    app = app_of(request)
    language, title = language_of(request, who.language if who else None), TITLES.get(status, "Error")
    told = said(language, detail if detail != HTTPStatus(status).phrase else "Not found.")
    context = {"title": say(language, title), "detail": told}
    return show(request, app, who, "problem.html", context, status)


def _is_for_eyes(request: Request) -> bool:
    """A browser's page, not a program's request."""
    path = request.url.path
    is_program = path.startswith(("/api/", "/twilio/")) and path != MANUAL
    is_program |= "authorization" in request.headers
    return not is_program and "text/html" in request.headers.get("accept", "")


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _is_for_eyes(request):
        names = ", ".join(str(e["loc"][-1]) for e in error.errors()[:MOST_ERRORS])
        missing = sentence("Invalid: %(names)s. Go back and try again", names=names)
        return await run_in_threadpool(_page, request, 422, missing)
    found = [
        Mistake(pointer=_plain(".".join(map(str, e["loc"]))), detail=_plain(str(e["msg"]))) for e in error.errors()
    ]
    told = "; ".join(f"{e.pointer}: {e.detail}" for e in found[:MOST_ERRORS])
    return problem(422, told, errors=found[:MOST_ERRORS])


def _plain(text: str) -> str:
    """Somebody's own word, not endless, and with no character that cannot be sent back."""
    return text[:LONGEST].encode("utf-8", "replace").decode()


async def _busy(request: Request, error: Exception) -> JSONResponse:
    log.warning("request.busy", method=request.method)
    return problem(503, BUSY, {"Retry-After": "1"})


async def _full(request: Request, error: Exception) -> Response:
    log.warning("login.refused", why="queue")
    answer = _shown(request, None, 503, FULL) if _is_for_eyes(request) else problem(503, FULL)
    answer.headers["Retry-After"] = "5"
    return answer


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", exc_info=error, method=request.method)
    return problem(500, "Internal error; it is safe to retry the request.")
