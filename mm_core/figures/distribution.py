"""What many cases were answered: how often each class, and how many of those answers are sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import plotly.graph_objects as go

from mm_core.figures.figure import Figure, safe
from mm_core.figures.palette import ACCENT, faded
from mm_core.figures.theme import bar_height, empty, styled
from mm_core.locale import label_word, percent, say, task_kind
from mm_core.prediction import Prediction


def answer_distribution(predictions: Sequence[Prediction], task: str = "emotion") -> Figure:
    """How many cases were answered with each class of a task, the most frequent on top; answers that are not sure are
    drawn pale. Classes that nothing was answered with are there, too."""
    answers = [prediction.answers[task] for prediction in predictions]
    classes = answers[0].probabilities if answers else ()
    title = say("distribution-title", task=task_kind(task, classes))
    if not answers:
        return Figure(title, empty(), say("distribution-none"), ())
    counts = Counter(answer.label for answer in answers)
    sure = Counter(answer.label for answer in answers if answer.sure)
    labels = sorted(classes, key=lambda label: counts[label])  # Plotly draws upwards
    shown = [safe(label_word(label)) for label in labels]
    plot = go.Figure()
    for name, values, colour in (
        (say("distribution-sure", sure="yes"), [sure[label] for label in labels], ACCENT),
        (say("distribution-sure", sure="no"), [counts[label] - sure[label] for label in labels], faded(ACCENT, 0.4)),
    ):
        plot.add_bar(
            x=values,
            y=shown,
            orientation="h",
            name=name,
            marker={"color": colour},
            hovertemplate=f"%{{y}}, {name}: %{{x}}<extra></extra>",
        )
    for label, name in zip(labels, shown, strict=True):
        words = f"{counts[label]} ({percent(counts[label] / len(answers))})"
        plot.add_annotation(x=counts[label], y=name, text=words, xanchor="left", xshift=6, showarrow=False)
    most = max(counts.values())
    styled(
        plot,
        bar_height(len(labels), 64),
        barmode="stack",
        xaxis={"visible": False, "range": [0, 1.3 * most]},
        showlegend=True,
    )
    top = labels[-1]
    unsure = len(answers) - sum(sure.values())
    reading = say(
        "distribution-reading", count=len(answers), label=top, share=counts[top] / len(answers), unsure=unsure
    )
    table = tuple(
        {"class": label, "answers": counts[label], "sure": sure[label], "share": counts[label] / len(answers)}
        for label in reversed(labels)
    )
    return Figure(title, plot, reading, table)
