"""Guards around the whole app, the page's library included, as ASGI middleware: what is not needed is not there.

``origins`` says who may ask, ``routes`` what may be asked for, ``bodies`` how much and how fast it may be sent,
``events`` what the page's own messages may hold, ``uploads`` how much is kept.
"""

from .bodies import BoundedBody
from .events import BoundedEvents
from .origins import KnownOrigins
from .routes import AllowedRoutes
from .uploads import BoundedUploads

__all__ = ["AllowedRoutes", "BoundedBody", "BoundedEvents", "BoundedUploads", "KnownOrigins"]
