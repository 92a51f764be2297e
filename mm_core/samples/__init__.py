"""What a person gives, decoded, bounded and checked once; nothing unchecked goes further."""

from . import limits
from .audio import Clip
from .errors import InvalidInput, Notice
from .image import Box, Face, Picture
from .raw_inputs import RawInputs
from .sample import Sample

__all__ = ["Box", "Clip", "Face", "InvalidInput", "Notice", "Picture", "RawInputs", "Sample", "limits"]
