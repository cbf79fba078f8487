"""A rehearsal as a picture: one SVG file, and bars for a terminal."""

from callbacks.simulation.rehearsal import Kept, Rehearsal

WIDE, ROW, LEFT, BAR = 760, 26, 330, 360
STEP = 5  # minutes


def bars(kept: Kept, within: int) -> list[str]:
    """Time to the first conversation in steps of five minutes, as text; `within`: the promise, in seconds."""
    counts = _steps(kept, within)
    most = max([count for _, count in counts], default=0) or 1
    return [f"{label:>12} {'█' * round(40 * count / most):<40} {count}" for label, count in counts]


def svg(found: Rehearsal, title: str) -> str:
    """Shares with their intervals: the policy as it is, then each change."""
    rows = [("as it is", found.now), *((tried.change.what, tried.kept) for tried in found.tried)]
    height = 70 + ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}"',
        ' role="img" font-family="sans-serif" font-size="13">',
        f"<title>{_safe(title)}</title>",
        f'<rect width="{WIDE}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold" fill="#1d2733">{_safe(title)}</text>',
        *(_tick(share, height) for share in (0, 25, 50, 75, 100)),
        *(_row(label, kept, 46 + ROW * n, n == 0) for n, (label, kept) in enumerate(rows)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _row(label: str, kept: Kept, y: int, is_first: bool) -> str:
    low, high = kept.interval
    colour = "#5b6b7b" if is_first else "#1f7a4d"
    x1, x2 = LEFT + BAR * low, LEFT + BAR * high
    return (
        f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end" fill="#1d2733">{_safe(_short(label))}</text>'
        f'<rect x="{LEFT}" y="{y + 2}" width="{BAR * kept.share:.1f}" height="14" fill="{colour}"/>'
        f'<path d="M{x1:.1f} {y + 9}H{x2:.1f}M{x1:.1f} {y + 5}v8M{x2:.1f} {y + 5}v8" stroke="#111" fill="none"/>'
        f'<text x="{LEFT + BAR + 8}" y="{y + 13}" fill="#1d2733">{100 * kept.share:.1f} %</text>'
    )


def _tick(share: int, height: int) -> str:
    x = LEFT + BAR * share / 100
    return (
        f'<path d="M{x:.1f} 40V{height - 22}" stroke="#d5dbe1"/>'
        f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle" fill="#5b6b7b">{share} %</text>'
    )


def _steps(kept: Kept, within: int) -> list[tuple[str, int]]:
    waits = kept.waits()
    edges = range(0, within // 60, STEP)
    found = [(f"{m}–{m + STEP} min", sum(m * 60 <= w < (m + STEP) * 60 for w in waits)) for m in edges]
    late = sum(w >= (edges[-1] + STEP) * 60 for w in waits) if edges else len(waits)
    return [*found, ("later", late), ("never", len(kept.nights) - len(waits))]


def _short(label: str) -> str:
    return label if len(label) <= 46 else label[:45] + "…"


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
