"""Throughput and 95th percentile by number of clients, as an SVG of two panels."""

from __future__ import annotations

import math
from html import escape
from typing import Any, Final

COLOURS: Final = {"batching": "#0072B2", "single": "#009E73", "pipelines": "#D55E00"}
"""Okabe-Ito, safe for colour-blind eyes."""

WIDTH: Final = 360
HEIGHT: Final = 260
MARGIN: Final = 48
"""Pixels of one panel and around its axes."""


def plot(cells: list[dict[str, Any]]) -> str:
    """Both panels; axes of powers of two (clients) and ten (values)."""
    panels = (("throughput", "answers a second"), ("p95_ms", "95th percentile, ms"))
    drawn = "".join(_panel(cells, key, title, index * WIDTH) for index, (key, title) in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 28}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="white"/>{drawn}{_legend(cells)}</svg>\n'
    )


def _panel(cells: list[dict[str, Any]], key: str, title: str, left: int) -> str:
    known = [line for line in cells if line[key]]
    if not known:
        return ""
    clients = sorted({line["clients"] for line in known})
    low = math.floor(math.log10(min(line[key] for line in known)))
    high = max(low + 1, math.ceil(math.log10(max(line[key] for line in known))))

    def x(count: int) -> float:
        span = math.log2(clients[-1] / clients[0]) or 1.0
        return left + MARGIN + (WIDTH - 2 * MARGIN) * math.log2(count / clients[0]) / span

    def y(value: float) -> float:
        return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (math.log10(value) - low) / (high - low)

    parts = [f'<text x="{left + MARGIN}" y="{MARGIN - 16}" font-weight="bold">{escape(title)}</text>']
    for power in range(low, high + 1):
        place = y(10.0**power)
        parts.append(
            f'<path d="M{left + MARGIN} {place:.1f}H{left + WIDTH - MARGIN}" stroke="#ddd"/>'
            f'<text x="{left + MARGIN - 6}" y="{place + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for count in clients:
        parts.append(f'<text x="{x(count):.1f}" y="{HEIGHT - MARGIN + 16}" text-anchor="middle">{count}</text>')
    parts.append(f'<text x="{left + WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">clients at once</text>')
    for server, colour in COLOURS.items():
        points = sorted((line["clients"], line[key]) for line in known if line["server"] == server)
        path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(count):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>' for count, value in points
        ]
    return "".join(parts)


def _legend(cells: list[dict[str, Any]]) -> str:
    there = [server for server in COLOURS if any(line["server"] == server for line in cells)]
    return "".join(
        f'<circle cx="{MARGIN + index * 120}" cy="{HEIGHT + 8}" r="4" fill="{COLOURS[server]}"/>'
        f'<text x="{MARGIN + 10 + index * 120}" y="{HEIGHT + 12}">{server}</text>'
        for index, server in enumerate(there)
    )
