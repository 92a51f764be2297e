"""Evidence as one self-contained HTML page that can be mailed: no network, no script but its own two.

Jinja escapes everything but the charts. The page's content security policy allows the two scripts by their SHA-256
and nothing else, so even markup that got past escaping could not run. Answer, explanation and proof follow each other
as in the user interfaces.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, compress, permutations
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from mm_core.evidence import Evidence, Inputs, Pair
from mm_core.figures.answers import agreement_bars, probability_bars
from mm_core.figures.attention import attention_matrix
from mm_core.figures.deletion_curves import faithfulness_curves
from mm_core.figures.figure import Figure
from mm_core.figures.lattice import lattice
from mm_core.figures.maps import relevance
from mm_core.figures.page_style import STYLE
from mm_core.figures.shapley_charts import interaction_table, shares_bar, waterfall
from mm_core.labels import MODALITIES
from mm_core.locale import current_language, modality_word, say
from mm_core.samples.limits import SAMPLE_RATE

ROWS_SHOWN: Final = 160
"""Rows up to which a figure's data stand on the page as a table."""

CELLS_SHOWN: Final = 100_000
"""Cells of all attention matrices together up to which they stand on the page; 7 bytes each."""

"""Hz of every waveform."""

_DRAW: Final = """
const waiting = [...document.querySelectorAll('script[type="application/json"]')];
function draw() {
  const data = waiting.shift();
  if (!data) { document.documentElement.dataset.drawn = "yes"; return; }
  const spec = JSON.parse(data.textContent);
  Plotly.newPlot(data.previousElementSibling, spec.data, spec.layout, {displayModeBar: false, responsive: true});
  setTimeout(draw, 0);
}
draw();
"""


@dataclass(frozen=True, eq=False)
class ShownCase:
    """One case as templates show it: figures by part, the sounds and the rows of its record. referred: what the voice
    was judged against, in words, or nothing. sounds: title, waveform and caption of each."""

    warnings: tuple[str, ...]
    referred: str
    why_lead: str
    answer: list[Figure]
    explanation: list[Figure]
    proof: list[Figure]
    record: list[tuple[str, str]]
    sounds: list[tuple[str, NDArray[np.float32], str]]


def evidence_page(evidence: Evidence) -> str:
    """The whole record as one HTML document. It shows the words of the text and, if the inputs were kept, the picture
    and the sound. Under 8 MB, of which Plotly is 5."""
    kicker = say("report-kicker", created=evidence.created) if evidence.created else say("report-kicker-undated")
    return render(
        "evidence.html.jinja", evidence.prediction.sentence(), {"kicker": kicker}, shown=shown_case(evidence)
    )


def shown_case(evidence: Evidence) -> ShownCase:
    """Answer, explanation, proof and record of one case, for a template to show."""
    return ShownCase(
        warnings=evidence.prediction.warnings,
        referred=evidence.prediction.reference_in_words(),
        why_lead=say("report-why-lead", label=evidence.label),
        answer=list(_answer(evidence)),
        explanation=list(_explanation(evidence)),
        proof=list(_proof(evidence)),
        record=_record(evidence),
        sounds=[] if evidence.inputs is None else list(_sounds(evidence.inputs)),
    )


def _sounds(inputs: Inputs) -> Iterable[tuple[str, NDArray[np.float32], str]]:
    if inputs.waveform is not None:
        yield say("report-voice"), inputs.waveform, say("report-voice-reading")
    if inputs.reference is not None:
        yield say("report-reference"), inputs.reference, say("report-reference-reading")


def _answer(evidence: Evidence) -> Iterable[Figure]:
    for task in evidence.prediction.answers:
        yield probability_bars(evidence.prediction, task)
    if evidence.prediction.agreement:
        yield agreement_bars(evidence.prediction)
    yield shares_bar(evidence)


def _explanation(evidence: Evidence) -> Iterable[Figure]:
    yield waterfall(evidence)
    for modality in evidence.present:
        yield relevance(evidence, modality)


def _proof(evidence: Evidence) -> Iterable[Figure]:
    yield lattice(evidence)
    yield interaction_table(evidence)
    for modality in evidence.present:
        test = evidence.faithfulness_of(modality) or evidence.faithfulness_of(modality, alone=False)
        if test is not None:
            yield faithfulness_curves(test)
    for query, key in _shown_pairs(evidence)[0]:
        yield attention_matrix(evidence, query, key)


def _shown_pairs(evidence: Evidence) -> tuple[list[Pair], list[Pair]]:
    """The pairs whose attention stands on the page, and those left out to keep it small."""
    known = [pair for pair in permutations(MODALITIES, 2) if evidence.attention.get(pair) is not None]
    cells = accumulate(len(evidence.units[query]) * len(evidence.units[key]) for query, key in known)
    fits = [total <= CELLS_SHOWN for total in cells]
    return list(compress(known, fits)), list(compress(known, (not fit for fit in fits)))


def script_json(figure: Figure) -> str:
    """The chart as JSON in which no character can end or open markup."""
    text = json.dumps(json.loads(figure.plot.to_json()), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _chart(figure: Figure) -> Markup:
    return Markup(script_json(figure))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def _wav(waveform: NDArray[np.float32]) -> str:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(waveform, -1, 1) * 32767).astype("<i2").tobytes())
    return base64.b64encode(out.getvalue()).decode("ascii")


def _record(evidence: Evidence) -> list[tuple[str, str]]:
    prediction = evidence.prediction
    model = ", ".join(prediction.model.get(part, "") for part in ("name", "hash"))
    inputs = ", ".join(map(modality_word, evidence.present)) or say("report-no-inputs")
    kept = "yes" if evidence.inputs is not None else "no"
    rows = [
        (say("report-row", row="model"), model),
        (say("report-row", row="class"), f"{evidence.label} ({evidence.task})"),
        (say("report-row", row="inputs"), say("report-inputs", inputs=inputs, kept=kept)),
        *((say("report-digest", modality=name), digest) for name, digest in evidence.digests.items()),
        (say("report-row", row="made"), evidence.created),
        (say("report-row", row="time"), ", ".join(f"{k} {v:.0f} ms" for k, v in evidence.timings.items())),
        (say("report-row", row="versions"), ", ".join(f"{k} {v}" for k, v in evidence.versions.items())),
    ]
    left_out = [f"{modality_word(query)} → {modality_word(key)}" for query, key in _shown_pairs(evidence)[1]]
    if left_out:
        rows.append((say("report-row", row="left-out"), say("report-left-out", pairs=", ".join(left_out))))
    return rows


def render(template: str, title: str, words: dict[str, str], **values: Any) -> str:
    """A self-contained HTML document by one of ``templates/``; charts are drawn when it opens. words: the sentences
    that only this template says."""
    policy = (
        f"default-src 'none'; script-src {_hash(_plotly())} {_hash(_DRAW)}; style-src 'unsafe-inline'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    shared = {
        "scope": say("report-scope"),
        "why": say("report-why"),
        "proof": say("report-proof"),
        "proof_lead": say("report-proof-lead"),
        "record": say("report-record"),
        "numbers": say("report-numbers"),
        "no_script": say("report-no-script"),
    }
    return (
        _templates()
        .get_template(template)
        .render(
            title=title,
            words={**shared, **words},
            language=current_language(),
            policy=Markup(policy),
            style=Markup(STYLE),
            plotly=Markup(_plotly()),
            draw=Markup(_DRAW),
            rows_shown=ROWS_SHOWN,
            **values,
        )
    )


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mm_core.figures", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"chart": _chart, "cell": _cell, "wav": _wav}
    return environment


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    # Browsers read \r\n as \n before they compare the hash.
    return get_plotlyjs().replace("\r\n", "\n")


@cache
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"
