"""``python -m mm_core evaluate``: judge a model on a folder of labelled rows and write the report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mm_core.encoders import Encoder
    from mm_core.evaluation.evaluation_report import PeoplesVotes, Scores
    from mm_core.presets import ModelConfig

_PRINTED: Final = ("accuracy", "macro_f1", "multilabel_macro_f1", "weighted_f1", "uar", "ece")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("evaluate", help="measure a model on a data folder", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--split", choices=("test", "valid", "train", "all"), default="test")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")
    parser.add_argument(
        "--rows",
        type=Path,
        help="also write one row a case: .parquet, or .csv for the dashboard",
    )
    parser.add_argument("--card", type=Path, action="append", default=[], help="Markdown file whose figures to renew")
    parser.add_argument(
        "--never-seen",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="sources of which no training of this model ever used a row; they stand first in the report",
    )
    parser.add_argument(
        "--leave-one-corpus-out",
        nargs="?",
        const="",
        metavar="BASE",
        help="also judge each corpus of voices by a fresh head that learned from the others, on the audio tower's "
        "untouched base: BASE is its hub name or folder (default: the one that the model's configuration names)",
    )
    parser.add_argument(
        "--left-out",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="also report what `train --leave-out` measured: its left_out.json",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the composed draws")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.card import fill
    from mm_core.evaluation.evaluate import evaluate
    from mm_core.evaluation.evaluation_report import read_left_out
    from mm_core.evaluation.left_out import leave_one_corpus_out
    from mm_core.evaluation.predictions import write_predictions
    from mm_core.evaluation.records import write_report
    from mm_core.evaluation.sentences import calm_words
    from mm_core.model import TriadModel
    from mm_core.predictors import load
    from mm_core.samples import InvalidInput

    model = load(arguments.model)
    report, predictions = evaluate(
        model,
        arguments.data,
        split=arguments.split,
        seed=arguments.seed,
        never_seen=arguments.never_seen,
        quiet=arguments.quiet,
    )
    if arguments.leave_one_corpus_out is not None:
        if not isinstance(model, TriadModel):
            raise InvalidInput("--leave-one-corpus-out trains heads on our audio tower; leave it out for this model.")
        base = _untouched_base(model.config, arguments.leave_one_corpus_out)
        left_out = leave_one_corpus_out(base, arguments.data, model.config.labels, quiet=arguments.quiet)
        report = report.model_copy(update={"leave_one_corpus_out": left_out})
    for path in arguments.left_out:
        measured = read_left_out(path)
        report = report.model_copy(update={"leave_one_corpus_out": report.leave_one_corpus_out | measured})
    write_report(report, arguments.out)
    if arguments.rows:
        write_predictions(predictions, arguments.rows)
    for path in arguments.card:
        fill(path, report)
    for one in report.strangers():
        print(f"never met  {_line(one.task, one.modalities, one.source, one.scores)}")
    for source, share in report.clips_said_to_disagree.items():
        print(f"face and voice of {source}, one person's at one moment, said to disagree: {share:.3f} of the clips")
    for who, calm in report.calm_voices.items():
        print(calm_words(who, calm))
    if report.peoples_votes is not None:
        print(_votes_line(report.peoples_votes))
    for task in report.tasks:
        for modalities, sources in report.sets(task).items():
            for source, scores in sources.items():
                if scores.n:
                    print(_line(task, modalities, source, scores))
    return 0


def _untouched_base(config: ModelConfig, source: str) -> Encoder:
    from mm_core.encoders import base_encoder

    tower = config.audio.based_on(source or getattr(config.audio, "source", ""))
    return base_encoder("audio", tower)


def _votes_line(votes: PeoplesVotes) -> str:
    return (
        f"face and voice in conflict, against people's votes on {votes.pairs} pairs: correlation "
        f"{votes.correlation:.3f} (always the face's label {votes.always_the_face:.3f}, mean of the labels "
        f"{votes.mean_of_labels:.3f})"
    )


def _line(task: str, modalities: str, source: str, scores: Scores) -> str:
    estimates = {name: scores.metric(name) for name in _PRINTED}
    words = "  ".join(f"{name} {estimate.words(3)}" for name, estimate in estimates.items() if estimate is not None)
    return f"{task:9} {modalities:16} {source:10} n {scores.n:5}  {words}"
