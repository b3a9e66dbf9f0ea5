"""Exact derivatives of a loss, and estimates with their errors, over Spark data frames.

Importing this starts nothing and reads no environment variable; it works without Java and without
a session.
"""

from ._errors import CurvatureError
from ._gateway import configure, jar
from ._model import Curvature, curvature
from ._results import (
    Derivatives,
    Effects,
    Estimates,
    Fit,
    GroupEstimates,
    Influences,
    Spectrum,
)

__version__ = "0.1.0.dev0"

__all__ = [
    "Curvature",
    "CurvatureError",
    "Derivatives",
    "Effects",
    "Estimates",
    "Fit",
    "GroupEstimates",
    "Influences",
    "Spectrum",
    "configure",
    "curvature",
    "jar",
]
