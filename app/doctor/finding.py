"""One thing that was looked at."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` None: a remark that stops nothing. `why` it matters tonight, `fix` what to do; "" when all is well."""

    name: str
    ok: bool | None
    what: str
    why: str = ""
    fix: str = ""

    def record(self) -> dict[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For people: the state and, where something is wrong, why and what to do."""
        mark = {True: "ok  ", False: "FAIL", None: "note"}[self.ok]
        more = [f"      why: {self.why}"] if self.why and self.ok is not True else []
        more += [f"      do:  {self.fix}"] if self.fix and self.ok is not True else []
        return [f"{mark}  {self.name}: {self.what}", *more]


def fine(name: str, what: str) -> Finding:
    return Finding(name, True, what)
