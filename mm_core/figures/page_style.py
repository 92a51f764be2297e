"""The look of the exported page: system fonts, light and dark, one column on a phone."""

from __future__ import annotations

from typing import Final

from mm_core.figures.theme import FONT, INK_CSS

STYLE: Final = f"""
:root {{ color-scheme: light dark; --ground: #ffffff; --card: #f6f7f9; --ink: #1f2530; --soft: #596273;
  --line: #dfe3e9; --figure-ink: #3b4250; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #11151c; --card: #191f29; --ink: #e6e9ee; --soft: #a3acba; --line: #2c3442;
    --figure-ink: #d3d8e0; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 {FONT}; }}
main {{ max-width: 1160px; margin: 0 auto; padding: 20px 16px 48px; }}
h1 {{ font-size: clamp(1.35rem, 4.5vw, 2rem); line-height: 1.25; margin: .2em 0 .4em; }}
h2 {{ font-size: 1.3rem; margin: 2.2em 0 .2em; padding-top: .9em; border-top: 1px solid var(--line); }}
h3 {{ font-size: 1.02rem; margin: 0 0 .4em; }}
p {{ margin: .3em 0 .8em; }}
.lead {{ color: var(--soft); max-width: 46em; }}
.kicker {{ color: var(--soft); font-size: .88rem; margin: 0; }}
.warning {{ border-left: 4px solid #c98a00; padding: .35em .8em; background: var(--card); }}
.grid {{ columns: 2 440px; column-gap: 16px; }}
figure {{ break-inside: avoid; margin: 0 0 16px; padding: 14px; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; min-width: 0; }}
figcaption {{ color: var(--soft); font-size: .92rem; margin-top: .5em; }}
.plot {{ width: 100%; }}
details {{ margin-top: .5em; font-size: .88rem; }}
summary {{ cursor: pointer; color: var(--soft); }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; padding: .25em .6em .25em 0; border-bottom: 1px solid var(--line); vertical-align: top; }}
td.number {{ text-align: right; }}
code {{ font-size: .82rem; overflow-wrap: anywhere; }}
audio {{ width: 100%; margin-top: .5em; }}
@media (max-width: 480px) {{ main {{ padding: 12px 8px 32px; }} figure {{ padding: 10px 8px; }} }}
@media print {{ details {{ display: none; }} }}
{INK_CSS}
"""
