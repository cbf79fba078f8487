"""Who may read: a bearer token, made by `callbacks token new`."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.deps import Here
from callbacks.store.tokens import role_of

bearer = HTTPBearer(auto_error=False, description="A token from `callbacks token new`")


def reader(here: Here, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """The role of the caller. Raises 401."""
    role = None
    if given:
        with here.world.database.read() as session:
            role = role_of(session, given.credentials, here.world.clock.now())
    if role is None:
        raise HTTPException(
            401, "Send a valid token as 'Authorization: Bearer …'; make one with: callbacks token new --role reader",
            {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip
    return role


Reader = Annotated[str, Depends(reader)]


def writer(role: Reader) -> str:
    """The role of a caller who may change things. Raises 403."""
    if role != "supervisor":
        raise HTTPException(403, "This needs a supervisor's token: callbacks token new --role supervisor")
    return role


Writer = Annotated[str, Depends(writer)]
