"""The rules of a version 0 Spacefile, written down from the platform's documentation before it closed."""

from __future__ import annotations

from typing import Any

ENGINES = [
    "static", "react", "svelte", "vue", "next", "nuxt", "svelte-kit",
    "python3.8", "python3.9", "nodejs16", "custom",
]  # fmt: skip

STRING: dict[str, Any] = {"type": "string"}
STRINGS: dict[str, Any] = {"type": "array", "items": STRING, "minItems": 1, "uniqueItems": True}
FLAG: dict[str, Any] = {"type": "boolean"}


def closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def several(items: dict[str, Any], most: int | None = None) -> dict[str, Any]:
    """A list of different things, at least one."""
    found: dict[str, Any] = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return found if most is None else {**found, "maxItems": most}


VARIABLE = closed({"name": STRING, "description": STRING, "default": STRING}, ["name"])
ACTION = closed(
    {
        "id": STRING,
        "name": STRING,
        "description": {"type": "string", "maxLength": 142},
        "trigger": {"enum": ["schedule"]},
        "default_interval": STRING,
        "path": STRING,
    },
    ["id", "name", "trigger", "default_interval"],
)
MICRO = {
    **closed(
        {
            "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
            "src": STRING,
            "engine": {"enum": ENGINES},
            "primary": FLAG,
            "path": STRING,
            "serve": STRING,
            "commands": several(STRING),
            "include": STRINGS,
            "run": STRING,
            "dev": STRING,
            "presets": closed({"env": several(VARIABLE), "api_keys": FLAG}, []),
            "public": FLAG,
            "public_routes": STRINGS,
            "provide_actions": FLAG,
            "actions": several(ACTION),
        },
        ["name", "src", "engine"],
    ),
    "not": {"required": ["public", "public_routes"]},
}
SCHEMA = closed(
    {
        "v": {"enum": [0]},
        "icon": STRING,
        "app_name": {"type": "string", "maxLength": 12},
        "micros": several(MICRO, most=5),
    },
    ["v", "micros"],
)
