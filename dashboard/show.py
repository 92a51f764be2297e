"""Small pieces that every page uses: figures with their sentence and data, empty states, errors in words.

Everything that comes from a person or a file passes through ``escape`` (HTML) or ``plain`` (Markdown).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, Final

import streamlit as st

from dashboard.engine import in_words
from mm_core.figures.figure import Figure
from mm_core.figures.palette import MODALITY_COLOURS
from mm_core.locale import modality_word, say
from mm_core.serving.errors import ServingError

CONFIG: Final = {"displayModeBar": False, "responsive": True}
"""Plotly's own tools are left out: a finger scrolls the page."""

_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$@&^=\"'/])")


def plain(text: str) -> str:
    """Text in which no Markdown is left alive."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def heading(title: str, lead: str) -> None:
    """A page's title and what it is for, in a sentence or two."""
    st.title(title, anchor=False)
    st.html(f'<p class="lead">{escape(lead)}</p>')


def section(title: str, lead: str = "") -> None:
    """The title of a part of a page with one sentence."""
    st.subheader(title, anchor=False)
    if lead:
        st.html(f'<p class="lead">{escape(lead)}</p>')


def sentence(words: str) -> None:
    """The one line of a page that says what was found."""
    st.html(f'<p class="sentence small">{escape(words)}</p>')


def show(figure: Figure, key: str, *, on_select: Callable[[], None] | None = None, modes: Sequence[str] = ()) -> Any:
    """A figure with its title, its sentence and its data as CSV; returns the selection where one is asked for.

    key: names the chart and its file, unique on the page. on_select: called when points are chosen; modes: how,
    ``points`` and ``box``.
    """
    found = None
    with st.container(border=True, gap="xsmall", key=f"figure-{key}"):
        with title_row(figure.title, f"head-{key}"):
            if figure.table:
                download_csv(figure.csv, key, say("chart-csv"))
        if figure.html is not None:
            st.html(figure.html)
        else:
            select: dict[str, Any] = {}
            if on_select is not None:
                select = {"on_select": on_select, "selection_mode": tuple(modes) or ("points",)}
            found = st.plotly_chart(figure.plot, theme=None, key=key, config=CONFIG, alt=figure.reading, **select)
        reading = escape(figure.reading)
        st.html(f'<p class="reading">{reading}</p>')
    return found


@contextmanager
def title_row(title: str, key: str) -> Iterator[None]:
    """A card's title, and what is drawn inside at the end of its line."""
    with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute", key=key):
        st.html(f'<p class="figure-title">{escape(title)}</p>', width="stretch")
        yield


def download_csv(data: Callable[[], str], key: str, words: str) -> None:
    """A small button that gives data as CSV, made when it is pressed."""
    st.download_button(
        "CSV",
        data,
        f"{file_name(key)}.csv",
        "text/csv",
        key=f"csv-{key}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help=words,
    )


def chosen(state: Any) -> list[list[Any]]:
    """The customdata of every point of a chart's selection; none where nothing was selected."""
    points = state["selection"]["points"] if state else []
    found = [point["customdata"] for point in points if point.get("customdata")]
    return [list(one) if isinstance(one, (list, tuple)) else [one] for one in found]


def side_by_side(count: int) -> list[Any]:
    """Columns of one width."""
    return list(st.columns(count, gap="medium"))


def chips(modalities: Sequence[str]) -> str:
    """What was given, each modality in its colour."""
    items = "".join(
        f'<li><i style="background:{MODALITY_COLOURS[m]}"></i>{modality_word(m)}</li>'
        for m in modalities
        if m in MODALITY_COLOURS
    )
    return f'<ul class="chips" aria-label="{escape(say("given"))}">{items}</ul>'


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """A small table of names and what they are."""
    body = "".join(f'<tr><th scope="row">{escape(a)}</th><td>{escape(b)}</td></tr>' for a, b in rows)
    st.html(f'<table class="facts"><tbody>{body}</tbody></table>')


def nothing(what: str, do: str) -> None:
    """An empty state: what is not there and what to do."""
    st.info(f"**{plain(what)}** {plain(do)}", icon=":material/info:")


def command(line: str) -> None:
    """A command to run in a terminal."""
    st.code(line, language="sh", wrap_lines=True)


@contextmanager
def guarded(again: str = "") -> Iterator[None]:
    """Whatever goes wrong inside is said in one sentence; the page goes on. ``again`` names a button, unique on the
    page, that is offered where trying again may help."""
    try:
        yield
    except Exception as error:
        st.error(plain(in_words(error)), icon=":material/error:")
        if again and isinstance(error, ServingError):
            st.button(say("try-again"), key=again, icon=":material/refresh:")  # any click runs the page anew


def file_name(text: str) -> str:
    """Letters, digits and dashes only."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "data"
