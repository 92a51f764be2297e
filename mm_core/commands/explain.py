"""``python -m mm_core explain``: answer one case with its explanation, as a record and as a page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mm_core.commands import given
from mm_core.locale import percent

if TYPE_CHECKING:
    from mm_core.evidence import Evidence, ExplanationSession


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("explain", help="answer one case and explain it", description=__doc__)
    given.add_arguments(parser)
    parser.add_argument("--label", help="the class to explain (default: the likeliest)")
    parser.add_argument("--task", choices=("emotion", "sentiment"), default="emotion", help="whose class it is")
    parser.add_argument(
        "--method", action="append", help="relevance method; may be repeated (default: what was chosen)"
    )
    parser.add_argument(
        "--ask", action="append", default=[], metavar="QUESTION", help="a question to the case; may be repeated"
    )
    parser.add_argument("--test", action="store_true", help="also test the maps against random orders")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the record, a .triad file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page that opens in any browser")
    parser.add_argument("--keep-inputs", action="store_true", help="put text, picture and voice into what is written")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evidence import WORDS_NOTICE, ExplanationSession
    from mm_core.predictors import load
    from mm_core.questions import answer

    sample = given.read(arguments)
    case = ExplanationSession(load(arguments.model), sample)
    evidence = case.evidence(arguments.label, arguments.task, arguments.method, arguments.keep_inputs)
    if arguments.test:
        evidence = _tested(case, evidence)
    print(evidence.prediction.sentence())
    if evidence.prediction.referenced:
        print(evidence.prediction.reference_in_words())
    for line in lines(evidence):
        print(line)
    for question in arguments.ask:
        print(f"{question} {answer(evidence, question).text()}")
    for warning in evidence.prediction.warnings:
        print(f"note: {warning}")
    if arguments.out:
        print(f"record: {evidence.save(arguments.out).name}")
    if arguments.html:
        from mm_core.figures.page import evidence_page

        arguments.html.write_text(evidence_page(evidence), encoding="utf-8")
        print(f"page: {arguments.html.name}")
    if (arguments.out or arguments.html) and "text" in evidence.present:
        print(f"note: {WORDS_NOTICE}")
    return 0


def lines(evidence: Evidence) -> list[str]:
    """What each modality added to the explained class, and its most telling units."""
    solved = evidence.contributions()
    found = [
        f'for "{evidence.label}", from {solved.start:+.2f} (nothing given) to {solved.total:+.2f} in centred logits:'
    ]
    for modality, value in solved.shapley.items():
        share = "" if solved.shares is None else f" ({percent(solved.shares[modality])})"
        found.append(f"  {modality:5} {value:+.2f}{share}{_most(evidence, modality)}")
    return found


def _most(evidence: Evidence, modality: str) -> str:
    """The three units of highest relevance, and how the map fared if it was tested."""
    made = next((r for r in evidence.relevance if r.modality == modality), None)
    if made is None or not len(made.values):
        return ""
    labels = evidence.units[modality].labels
    top = "; ".join(labels[index] for index in (-made.values).argsort(kind="stable")[:3])
    test = evidence.faithfulness_of(modality, made.method)
    return f"   most by {made.method}: {top}" + (f" [{test.verdict}]" if test else "")


def _tested(case: ExplanationSession, evidence: Evidence) -> Evidence:
    from tqdm import tqdm

    for modality in evidence.present:
        maps = [made for made in evidence.relevance if made.modality == modality]
        with tqdm(total=100, desc=f"testing {modality}", disable=not sys.stderr.isatty()) as bar:
            for step in case.evaluate_faithfulness(*maps):
                bar.update(100 * step.fraction - bar.n)
                if step.result is not None:
                    evidence = evidence.with_faithfulness(*step.result)
    return evidence
