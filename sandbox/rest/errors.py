"""Errors in the carrier's form: code, message, more_info, status."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import JSONResponse


class RestError(Exception):
    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def invalid(code: int, message: str) -> RestError:
    return RestError(400, code, message)


def not_found(what: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {what} was not found")


async def answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RestError)
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(body, error.status, headers=dict(error.headers or {}))
