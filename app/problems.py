"""Errors as RFC 9457 problem documents, or as a page for browsers: what is wrong and what would be right."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.deps import runtime

TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 411: "Length needed", 413: "Too large", 422: "Not understood", 503: "Not ready",
}  # fmt: skip


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem document."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)


def problem(status: int, detail: str | None = None, headers: Any = None, **more: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, **more}
    if detail and detail != body["title"]:
        body["detail"] = detail
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    if _is_for_eyes(request):
        title = TITLES.get(error.status_code, "Error")
        detail = error.detail if error.detail != title else "Nothing is here."
        context = {"title": title, "detail": detail}
        page = runtime(request).templates.TemplateResponse(request, "problem.html", context, error.status_code)
        page.headers.update(error.headers or {})
        return page
    return problem(error.status_code, error.detail, error.headers)


def _is_for_eyes(request: Request) -> bool:
    """A browser's page, not a program's request."""
    is_program = request.url.path.startswith(("/api/v1/", "/twilio/"))
    return not is_program and "text/html" in request.headers.get("accept", "")


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return problem(422, "; ".join(faults))


async def _broken(request: Request, error: Exception) -> JSONResponse:
    return problem(500, "Something broke on our side; the request may be sent again.")
