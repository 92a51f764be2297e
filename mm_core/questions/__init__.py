"""Questions to a case in one's own words, English or Chinese, that its record can answer."""

from mm_core.questions.answering import Reply, answer
from mm_core.questions.recogniser import Question, recognise

__all__ = ["Question", "Reply", "answer", "recognise"]
