"""The page's look for Gradio: system fonts, calm colours, light and dark. Details are in style.css."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gradio as gr

from mm_core.figures.theme import INK_CSS

STYLE: Final = Path(__file__).with_name("style.css")

_FONT: Final = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
_MONO: Final = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

TOGGLE_DARK: Final = """() => {
  const dark = document.body.classList.toggle('dark');
  document.querySelector('#theme-toggle')?.setAttribute('aria-pressed', String(dark));
}"""
"""Runs in the browser when the switch for light and dark is pressed."""

ON_LOAD: Final = """() => {
  document.documentElement.lang = 'en';
  const toggle = document.querySelector('#theme-toggle');
  toggle?.setAttribute('aria-pressed', String(document.body.classList.contains('dark')));
  toggle?.setAttribute('aria-label', 'Dark mode');
  document.addEventListener('click', event => {
    const link = event.target.closest?.('.reasons a');
    if (!link) return;
    event.preventDefault();
    document.querySelector(link.getAttribute('href'))?.scrollIntoView({block: 'center'});
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    const start = ['#find-out', '#compare-start'].map(id => document.querySelector(id)).find(b => b?.offsetParent);
    if (start) { event.preventDefault(); start.click(); }
  });
}"""
"""Runs in the browser once the page is there: its language, its switch, reasons that lead to
their maps, and Ctrl+Enter, which asks."""

SHOW_ANSWER: Final = """() => {
  const card = document.querySelector('#answer')?.closest('.card');
  const top = card?.getBoundingClientRect().top ?? 0;
  if (top >= 0 && top < 0.6 * window.innerHeight) return;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  card.scrollIntoView({behavior: still ? 'auto' : 'smooth', block: 'start'});
}"""
"""Runs in the browser once there is an answer: brings it into view where it is not, as on a phone."""


def css() -> str:
    """The page's style sheet and the one that the figures want."""
    return STYLE.read_text(encoding="utf-8") + INK_CSS


def theme() -> gr.Theme:
    """Gradio's plain theme with this page's colours, fonts and corners."""
    ink, paper, card, line = "#1d2330", "#f7f6f3", "#ffffff", "#e4e1da"
    night, night_card, night_line = "#13161c", "#1b1f27", "#30363f"
    return gr.themes.Base(
        primary_hue="purple",
        neutral_hue="stone",
        text_size=gr.themes.sizes.text_md,
        spacing_size=gr.themes.sizes.spacing_md,
        radius_size=gr.themes.sizes.radius_lg,
        font=_FONT,
        font_mono=_MONO,
    ).set(
        body_background_fill=paper,
        body_background_fill_dark=night,
        body_text_color=ink,
        body_text_color_dark="#e7e9ee",
        body_text_color_subdued="#5b6270",
        body_text_color_subdued_dark="#a5adba",
        background_fill_primary=card,
        background_fill_primary_dark=night_card,
        background_fill_secondary="#faf9f7",
        background_fill_secondary_dark="#171a21",
        border_color_primary=line,
        border_color_primary_dark=night_line,
        border_color_accent="#8463b8",
        border_color_accent_dark="#a98bd6",
        color_accent="#7351a8",
        color_accent_soft="#f1ecf8",
        color_accent_soft_dark="#2a2438",
        link_text_color="#5f3f94",
        link_text_color_dark="#bfa6e6",
        block_background_fill=card,
        block_background_fill_dark=night_card,
        block_border_color=line,
        block_border_color_dark=night_line,
        block_label_background_fill=card,
        block_label_background_fill_dark=night_card,
        block_label_text_color="#4b5260",
        block_label_text_color_dark="#c3c9d3",
        block_title_text_color="#4b5260",
        block_title_text_color_dark="#c3c9d3",
        block_shadow="none",
        input_background_fill=card,
        input_background_fill_dark="#14171d",
        input_border_color="#cfcbc2",
        input_border_color_dark="#3c434e",
        input_placeholder_color="#6c7280",
        input_placeholder_color_dark="#929bab",
        button_primary_background_fill="#6b4aa0",
        button_primary_background_fill_dark="#7a58b0",
        button_primary_background_fill_hover="#593b8a",
        button_primary_background_fill_hover_dark="#8a69be",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill=card,
        button_secondary_background_fill_dark="#232831",
        button_secondary_background_fill_hover="#f1efea",
        button_secondary_background_fill_hover_dark="#2d333e",
        button_secondary_border_color="#cfcbc2",
        button_secondary_border_color_dark="#3c434e",
        button_secondary_text_color=ink,
        button_secondary_text_color_dark="#e7e9ee",
        checkbox_label_background_fill=card,
        checkbox_label_background_fill_dark=night_card,
    )
