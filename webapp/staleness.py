"""Which answer belongs to which inputs, kept in the browser: what no longer fits the form is dimmed and says so.

Each form has a name, ``answer`` for that of the first tab. ``body[data-<form>]`` is ``waiting`` while it is being
answered and ``changed`` once it was edited afterwards; ``body[data-why]`` is ``waiting`` until the explanation beside
the answer of the first tab is of the same case. style.css does the rest.
"""

from __future__ import annotations

from typing import Final

_PRINT: Final = "JSON.stringify(given.map(value => value?.path ?? value ?? null))"
"""What tells one set of inputs from another; files by where the server keeps them."""


def asked(form: str, *also: str) -> str:
    """Runs before what stands in the form is answered; ``also``: other marks that wait from then on."""
    return f"""(...given) => {{
  {_prints(form)}
  prints.asked = prints.given = {_PRINT};
  {_wait(form, *also)}
  return given;
}}"""


def waiting(form: str, *also: str) -> str:
    """Runs before an example is put into the form and answered."""
    return f"() => {{ {_wait(form, *also)} return []; }}"


def answered(form: str) -> str:
    """Runs once there is an answer."""
    return f"() => {{ {_prints(form)} {_mark(form)} }}"


def filled(form: str, *also: str) -> str:
    """Runs once an example stands in the form together with its answer, or the form is empty."""
    return f"""(...given) => {{
  {_prints(form)}
  prints.asked = prints.given = {_PRINT};
  {" ".join(f"delete document.body.dataset.{name};" for name in (form, *also))}
}}"""


def edited(form: str) -> str:
    """Runs whenever an input changes."""
    return f"""(...given) => {{
  {_prints(form)}
  prints.given = {_PRINT};
  if (prints.asked === undefined || document.body.dataset.{form} === 'waiting') return;
  {_mark(form)}
}}"""


def swapped(form: str) -> str:
    """Runs before the two halves of a form change places, and so do the inputs that were asked about."""
    return f"""(...given) => {{
  {_prints(form)}
  const turned = all => [...all.slice(all.length / 2), ...all.slice(0, all.length / 2)];
  if (prints.asked !== undefined) prints.asked = JSON.stringify(turned(JSON.parse(prints.asked)));
  return turned(given);
}}"""


EXPLAINED: Final = "() => { delete document.body.dataset.why; }"
"""Runs once there is an explanation, or none."""


def _prints(form: str) -> str:
    return f"const prints = (window.triadPrints ??= {{}}).{form} ??= {{}};"


def _wait(*names: str) -> str:
    return " ".join(f"document.body.dataset.{name} = 'waiting';" for name in names)


def _mark(form: str) -> str:
    return (
        f"if (prints.given !== prints.asked) document.body.dataset.{form} = 'changed'; "
        f"else delete document.body.dataset.{form};"
    )
