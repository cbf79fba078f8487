"""The API's manual at `/api/docs`: made from the OpenAPI document itself, readable without a script or a network."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.deps import Here

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
def manual(request: Request, here: Here) -> HTMLResponse:
    """Every route with its parameters."""
    document: dict[str, Any] = request.app.openapi()
    routes = [
        {"method": method.upper(), "path": path, "summary": told.get("description") or told.get("summary", ""),
         "parameters": told.get("parameters", []), "token": path.startswith("/api/")}
        for path, methods in sorted(document["paths"].items())
        for method, told in methods.items()
    ]  # fmt: skip
    context = {"routes": routes, "base": here.settings.public_url}
    return here.templates.TemplateResponse(request, "manual.html", context)
