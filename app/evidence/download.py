"""Takes the evidence of one emergency along: one ZIP, and a line in the audit list."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.auth.guard import page
from app.auth.rights import Principal
from app.evidence.pack import Pack, pack
from app.runtime import App, AppDep
from app.web.base.language import language_of
from app.web.emergency.detail import read_story
from callbacks.store import audits

router = APIRouter(include_in_schema=False)
Exporter = Annotated[Principal, Depends(page("emergency.export"))]
EXPORTED = "evidence.exported"


@router.get("/emergencies/{ref}/evidence.zip")
def download(ref: str, request: Request, app: AppDep, who: Exporter) -> Response:
    """The pack, in the visitor's language. Raises 404."""
    language = language_of(request, who.language)
    with app.context.database.read() as session:
        story = read_story(session, who, "emergency.export", ref)
        zone = app.context.duty(session).roster.timezone
        made = pack(session, story, app.context.data_dir, app.settings.public_url, zone, language)
    _note(app, who, made)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "private, no-store"}
    return Response(made.content, media_type="application/zip", headers=headers)


def _note(app: App, who: Principal, made: Pack) -> None:
    """Who took which pack along."""
    with app.context.database.write() as session:
        audits.put(session, app.context.clock.now(), who.name, who.via, EXPORTED, made.ref, sha256=made.sha256)
