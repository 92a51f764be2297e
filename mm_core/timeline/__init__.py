"""Films and live streams in windows: decoded (``film``), cut into Samples (``windows``), answered (``watch``) and
kept as one record (``record``).

Nothing here loads torch before a model is asked.
"""

from mm_core.timeline.film import Film, FilmFile
from mm_core.timeline.options import Options
from mm_core.timeline.record import Person, Timeline, Window
from mm_core.timeline.subtitles import Word, read_subtitles

__all__ = ["Film", "FilmFile", "Options", "Person", "Timeline", "Window", "Word", "read_subtitles"]
