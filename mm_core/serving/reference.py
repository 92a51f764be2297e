"""The reference of the REST API as one plain page: no script, nothing loaded from elsewhere, readable offline."""

from __future__ import annotations

import json
from html import escape
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8888; border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8884; }
"""
_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


async def reference(request: Request) -> HTMLResponse:
    """The page, from the app's own OpenAPI description."""
    app: FastAPI = request.app
    return HTMLResponse(reference_page(app.openapi(), str(request.base_url)), headers=_HEADERS)


def reference_page(openapi: dict[str, Any], base: str) -> str:
    """Every described route that has an example: what it takes, what it answers. ``base``: the app's address."""
    sections = [
        _route(method.upper(), path, described, base)
        for path, methods in openapi["paths"].items()
        for method, described in methods.items()
        if _is_ours(described)
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Triad: REST API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>Triad: REST API</h1>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>. Errors are JSON with a code and a message; 503 '
        "carries Retry-After.</p>" + "".join(sections) + "</main></body></html>"
    )


TAG: Final = "triad"
"""Marks the routes of this API among those of the page's library."""


def _is_ours(described: Any) -> bool:
    return isinstance(described, dict) and TAG in described.get("tags", ())


def _route(method: str, path: str, described: dict[str, Any], base: str) -> str:
    fields = _fields(described)
    parts = [f"<section><h2><code>{method} {escape(path)}</code></h2><p>{escape(described['summary'])}</p>"]
    if "description" in described:
        parts.append(f"<p>{escape(described['description'])}</p>")
    if fields:
        parts.append(f"<pre>{escape(_curl(path, fields, base))}</pre><table><tr><th>field</th><th></th></tr>")
        parts += [
            f"<tr><td><code>{escape(n)}</code></td><td>{escape(_words(f))}</td></tr>" for n, f in fields.items()
        ]
        parts.append("</table>")
    parts.append("<table><tr><th>status</th><th></th></tr>")
    for status, response in described["responses"].items():
        parts.append(f"<tr><td>{escape(status)}</td><td>{escape(response['description'])}</td></tr>")
    parts.append("</table>")
    for response in list(described["responses"].values())[:1]:
        example = response.get("content", {}).get("application/json", {}).get("example")
        if example is not None:
            parts.append(f"<pre>{escape(json.dumps(example, indent=1))}</pre>")
    return "".join([*parts, "</section>"])


def _fields(described: dict[str, Any]) -> dict[str, Any]:
    content = described.get("requestBody", {}).get("content", {})
    return content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})


def _curl(path: str, fields: dict[str, Any], base: str) -> str:
    shown = {name: field for name, field in fields.items() if "example" in field or field.get("format") == "binary"}
    parts = [
        f"-F {name}=@FILE" if field.get("format") == "binary" else f"-F {name}='{field['example']}'"
        for name, field in list(shown.items())[:3]
    ]
    return f"curl {' '.join(parts)} {base.rstrip('/')}{path}"


def _words(field: dict[str, Any]) -> str:
    allowed = f" One of {', '.join(field['enum'])}." if "enum" in field else ""
    return f"{field.get('description', '')}{allowed}"
