"""Evidence as one self-contained HTML page that can be mailed: no network, no script but its own two.

The page's content security policy allows the two scripts by their SHA-256 and nothing else, so even markup that got
past escaping could not run. Answer, explanation and proof follow each other as in the user interfaces.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import wave
from collections.abc import Iterable
from functools import cache
from html import escape
from itertools import accumulate, compress, permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence import Evidence, Pair
from mm_core.figures.answers import agreement_bars, probability_bars
from mm_core.figures.attention import attention_matrix
from mm_core.figures.deletion_curves import faithfulness_curves
from mm_core.figures.figure import Figure
from mm_core.figures.lattice import lattice
from mm_core.figures.maps import relevance
from mm_core.figures.page_style import STYLE
from mm_core.figures.shapley_charts import interaction_table, shares_bar, waterfall
from mm_core.labels import MODALITIES

ROWS_SHOWN: Final = 160
"""Rows up to which a figure's data stand on the page as a table."""

CELLS_SHOWN: Final = 100_000
"""Cells of all attention matrices together up to which they stand on the page; 7 bytes each."""

_RATE: Final = 16_000
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

SCOPE: Final = (
    "Scores describe the expression shown in these words, this face and this voice, not what a person feels. "
    "Not for judging people at work or school, and not for medical use."
)


def evidence_page(evidence: Evidence) -> str:
    """The whole record as one HTML document. It shows the words of the text and, if the inputs were kept, the picture
    and the sound. Under 8 MB, of which Plotly is 5."""
    prediction = evidence.prediction
    body = [
        f'<p class="kicker">Triad · record of one case · {escape(evidence.created or "no date")}</p>',
        f"<h1>{escape(prediction.sentence())}</h1>",
        f'<p class="lead">{SCOPE}</p>',
        case_body(evidence),
    ]
    return document(prediction.sentence(), "".join(body))


def case_body(evidence: Evidence) -> str:
    """Answer, explanation, proof and record of one case, as markup for ``document``."""
    body = [
        *(f'<p class="warning">{escape(w)}</p>' for w in evidence.prediction.warnings),
        _grid(_answer(evidence)),
        "<h2>Why this answer</h2>",
        f'<p class="lead">What each input, and each part of it, says about {escape(evidence.label)}.</p>',
        _grid(_explanation(evidence), _sound(evidence)),
        "<h2>Can the explanation be trusted?</h2>",
        '<p class="lead">The answers to every combination of inputs, tests of the maps above against chance, and '
        "where the model looked.</p>",
        _grid(_proof(evidence)),
        "<h2>Record</h2>",
        _record(evidence),
    ]
    return "".join(body)


def _answer(evidence: Evidence) -> Iterable[Figure]:
    yield probability_bars(evidence.prediction, "emotion")
    yield probability_bars(evidence.prediction, "sentiment")
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


def _grid(figures: Iterable[Figure], last: str = "") -> str:
    return f'<div class="grid">{"".join(_figure(f) for f in figures)}{last}</div>'


def _figure(figure: Figure) -> str:
    title = escape(figure.title)
    if figure.html is not None:
        chart = figure.html
    else:
        height = int(figure.plot.layout.height)
        chart = (
            f'<div class="plot" style="height:{height}px" role="img" aria-label="{title}"></div>'
            f'<script type="application/json">{script_json(figure)}</script>'
        )
    return (
        f"<figure><h3>{title}</h3>{chart}<figcaption>{escape(figure.reading)}</figcaption>{_table(figure)}</figure>"
    )


def script_json(figure: Figure) -> str:
    """The chart as JSON in which no character can end or open markup."""
    text = json.dumps(json.loads(figure.plot.to_json()), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _table(figure: Figure) -> str:
    if not figure.table or len(figure.table) > ROWS_SHOWN:
        return ""
    head = "".join(f"<th>{escape(str(key))}</th>" for key in figure.table[0])
    rows = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>" for row in figure.table)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<details><summary>The numbers</summary><div class="scroll">{table}</div></details>'


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td class="number">{value:.4g}</td>'
    return f"<td>{escape('' if value is None else str(value))}</td>"


def _sound(evidence: Evidence) -> str:
    if evidence.inputs is None or evidence.inputs.waveform is None:
        return ""
    source = f"data:audio/wav;base64,{_wav(evidence.inputs.waveform)}"
    player = f'<audio controls preload="none" src="{source}"></audio>'
    return f"<figure><h3>The voice</h3>{player}<figcaption>Quiet ends are trimmed.</figcaption></figure>"


def _wav(waveform: NDArray[np.float32]) -> str:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((np.clip(waveform, -1, 1) * 32767).astype("<i2").tobytes())
    return base64.b64encode(out.getvalue()).decode("ascii")


def _record(evidence: Evidence) -> str:
    prediction = evidence.prediction
    kept = (
        "kept in this page"
        if evidence.inputs is not None
        else "not kept, but the words of the text stand in its maps"
    )
    rows: list[tuple[str, str]] = [
        ("Model", f"{prediction.model.get('name', '')}, {prediction.model.get('hash', '')}"),
        ("Explained class", f"{evidence.label} ({evidence.task})"),
        ("Inputs", f"{', '.join(evidence.present) or 'none'}; {kept}"),
        *((f"SHA-256 of the {name}", digest) for name, digest in evidence.digests.items()),
        ("Made", evidence.created),
        ("Time", ", ".join(f"{name} {value:.0f} ms" for name, value in evidence.timings.items())),
        ("Versions", ", ".join(f"{name} {value}" for name, value in evidence.versions.items())),
    ]
    left_out = [f"{query} to {key}" for query, key in _shown_pairs(evidence)[1]]
    if left_out:
        rows.append(("Attention left out", f"{', '.join(left_out)}: too many words, patches and moments for a page"))
    body = "".join(f"<tr><th>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>" for name, value in rows)
    return f'<div class="scroll"><table>{body}</table></div>'


def document(title: str, body: str) -> str:
    """A self-contained HTML document around ``body``, which must be safe markup; charts are drawn when it opens."""
    policy = (
        f"default-src 'none'; script-src {_hash(_plotly())} {_hash(_DRAW)}; style-src 'unsafe-inline'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}"
        "<noscript><p>The charts need JavaScript; the numbers under each of them do not.</p></noscript></main>"
        f"<script>{_plotly()}</script><script>{_DRAW}</script></body></html>\n"
    )


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    # Browsers read \r\n as \n before they compare the hash.
    return get_plotlyjs().replace("\r\n", "\n")


@cache
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"
