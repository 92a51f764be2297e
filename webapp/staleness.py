"""Which answer belongs to which inputs, kept in the browser: what no longer fits the form is dimmed and says so.

``body[data-answer]`` is ``waiting`` while the form is being answered and ``changed`` once it was edited afterwards;
``body[data-why]`` is ``waiting`` until the explanation beside it is of the same case. style.css does the rest.
"""

from __future__ import annotations

from typing import Final

_PRINT: Final = "JSON.stringify([text, ...[image, audio, reference].map(file => file?.path ?? null), clean])"
"""What tells one set of inputs from another; files by where the server keeps them."""

ASKED: Final = f"""(text, image, audio, clean, reference) => {{
  window.triadAsked = window.triadGiven = {_PRINT};
  document.body.dataset.answer = document.body.dataset.why = 'waiting';
  return [text, image, audio, clean, reference];
}}"""
"""Runs before the form is answered."""

WAITING: Final = """() => {
  document.body.dataset.answer = document.body.dataset.why = 'waiting';
  return [];
}"""
"""Runs before an example is put into the form and answered."""

ANSWERED: Final = """() => {
  if (window.triadGiven !== window.triadAsked) document.body.dataset.answer = 'changed';
  else delete document.body.dataset.answer;
}"""
"""Runs once there is an answer."""

EXPLAINED: Final = "() => { delete document.body.dataset.why; }"
"""Runs once there is an explanation, or none."""

FILLED: Final = f"""(text, image, audio, clean, reference) => {{
  window.triadAsked = window.triadGiven = {_PRINT};
  delete document.body.dataset.answer;
  delete document.body.dataset.why;
}}"""
"""Runs once an example stands in the form together with its answer, or the form is empty."""

GIVEN: Final = f"""(text, image, audio, clean, reference) => {{
  window.triadGiven = {_PRINT};
  if (window.triadAsked === undefined || document.body.dataset.answer === 'waiting') return;
  if (window.triadGiven !== window.triadAsked) document.body.dataset.answer = 'changed';
  else delete document.body.dataset.answer;
}}"""
"""Runs whenever an input changes."""
