"""What the browser does beside a film: one cursor in the player, the chart and the field that says the moment."""

from __future__ import annotations

from typing import Final

FOLLOW: Final = """() => {
  const chart = () => document.querySelector('#film-timeline-plot .js-plotly-plot');
  const player = () => document.querySelector('#film-video video');
  const say = seconds => {
    const field = document.querySelector('#film-moment input');
    if (!field || document.activeElement === field) return;
    field.value = seconds.toFixed(1);
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.dispatchEvent(new Event('change', {bubbles: true}));
  };
  const mark = seconds => {
    const gd = chart();
    const axis = gd?._fullLayout?.xaxis;
    if (!axis) return;
    let line = gd.querySelector('.film-cursor');
    if (!line) {
      line = document.createElement('div');
      line.className = 'film-cursor';
      gd.style.position = 'relative';
      gd.appendChild(line);
    }
    line.style.left = `${axis._offset + axis.l2p(seconds)}px`;
  };
  const listen = () => {
    const gd = chart();
    if (!gd?.on || gd.dataset.follows) return;
    gd.dataset.follows = 'yes';
    gd.on('plotly_click', event => {
      const seconds = event.points[0].x;
      const video = player();
      if (video) video.currentTime = seconds;
      say(seconds);
      mark(seconds);
    });
  };
  if (window.filmCursor) clearInterval(window.filmCursor);
  let last = -1;
  window.filmCursor = setInterval(() => {
    listen();
    const seconds = player()?.currentTime;
    if (seconds === undefined || seconds === last) return;
    last = seconds;
    say(seconds);
    mark(seconds);
  }, 150);
}"""
"""Runs in the browser once a timeline is there; a player tells no time of its own to the page's library."""
