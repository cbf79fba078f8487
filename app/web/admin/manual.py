"""The API's manual at `/api/docs`: made from the OpenAPI document itself, readable without a script or a network.
Both are for those with a token or a page session."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.api.openapi import document
from app.auth.guard import either
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.shell import show
from app.wiring import software_version

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(either("account.own"))]
SCHEMAS = "#/components/schemas/"


@router.get("/api/openapi.json")
def openapi(request: Request, app: AppDep, who: Reader) -> JSONResponse:
    """The document itself."""
    return JSONResponse(_document(request, app))


@router.get("/api/docs")
def manual(request: Request, app: AppDep, who: Reader) -> HTMLResponse:
    """Every route with its parameters, an example of its request and of its answers."""
    made = _document(request, app)
    routes = [
        _told(method.upper(), path, told, made)
        for path, methods in sorted(made["paths"].items())
        for method, told in methods.items()
    ]
    context = {"routes": routes, "base": app.settings.public_url.rstrip("/"), "made": made}
    return show(request, app, who, "manual.html", context)


def _document(request: Request, app: App) -> dict[str, Any]:
    return document(request.app, app.settings.public_url.rstrip("/"), software_version())


def _told(method: str, path: str, told: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": method,
        "path": path,
        "summary": told.get("description") or told.get("summary", ""),
        "parameters": told.get("parameters", []),
        "token": path.startswith("/api/"),
        "request": _request(told, made),
        "answers": [_answer(status, answer) for status, answer in sorted(told["responses"].items())],
    }


def _request(told: dict[str, Any], made: dict[str, Any]) -> str:
    """An example of the body; "" when there is none."""
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").removeprefix(SCHEMAS)
    return _json(made["components"]["schemas"][name]["examples"][0]) if name else ""


def _answer(status: str, answer: dict[str, Any]) -> dict[str, str]:
    example = next((c.get("example") for c in answer.get("content", {}).values()), None)
    text = example if isinstance(example, str) else _json(example) if example else ""
    return {"status": status, "told": answer["description"], "example": text}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
