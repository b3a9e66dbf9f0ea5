"""The way to the JVM that PySpark has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ._errors import CurvatureError

_SUPPORTED = "4.1"


def jar() -> str:
    """The path of the jar that this package carries.

    Raises
    ------
    CurvatureError
        If it carries none, as in a checkout that is not built.
    """
    here = Path(__file__).resolve().parent
    places = [here / "jars", here.parents[2] / "job" / "target"]
    for place in places:
        found = sorted(place.glob("spark-curvature-*-all.jar"))
        if found:
            return str(found[-1])
    raise CurvatureError(
        2,
        "this package carries no jar",
        str(here / "jars"),
        "build it, in a checkout of the project: deploy/python/build, and install the wheel of"
        " deploy/python/dist",
    )


def configure(builder: Any) -> Any:
    """Adds the jar to a session that is yet to start.

    Parameters
    ----------
    builder : pyspark.sql.SparkSession.Builder
        What it holds in `spark.jars` and `spark.jars.packages` stays.

    Returns
    -------
    pyspark.sql.SparkSession.Builder
        The same builder.
    """
    own = jar()
    options = getattr(builder, "_options", {})
    before = [path for path in str(options.get("spark.jars", "")).split(",") if path]
    if own not in before:
        builder = builder.config("spark.jars", ",".join([*before, own]))
    return builder


def is_connect(thing: Any) -> bool:
    """Whether a data frame or session is one of Spark Connect; nothing of it is called."""
    return type(thing).__module__.startswith("pyspark.sql.connect")


def entry(session: Any) -> Any:
    """The class `org.sparkcurvature.Curvature` in the JVM of a session.

    Raises
    ------
    CurvatureError
        If there is no such JVM, or no such class in it.
    """
    from py4j.java_gateway import JavaClass

    if is_connect(session):
        raise CurvatureError(
            2,
            "the session is one of Spark Connect, where there is no JVM to reach",
            "the session",
            "take a classic session: a cluster of one user, or spark-submit",
        )
    version = str(session.version)
    if not version.startswith(_SUPPORTED + "."):
        raise CurvatureError(
            2,
            f"this is Spark {version}, and Spark {_SUPPORTED} is supported",
            "the session",
            f"take pyspark {_SUPPORTED}",
        )
    found = session._jvm.org.sparkcurvature.Curvature
    if not isinstance(found, JavaClass):
        raise CurvatureError(
            2,
            "the session started without the jar of spark-curvature",
            "the session",
            "stop it (restart the kernel of a notebook), and start it with spark_curvature.configure(SparkSession.builder)"
            f".getOrCreate(), or pyspark --jars {jar_or_hint()}",
        )
    _refuse_other_version(str(found.version()))
    return found


def _refuse_other_version(java: str) -> None:
    from . import __version__

    if java != "development" and java.replace("-SNAPSHOT", ".dev0") != __version__:
        raise CurvatureError(
            2,
            f"the jar has the version {java}, and the Python package {__version__}",
            "the session",
            f"take both of one version: the package's own jar is {jar_or_hint()}",
        )


def jar_or_hint() -> str:
    """The path of the jar for a message."""
    try:
        return jar()
    except CurvatureError:
        return "spark-curvature-job-VERSION-all.jar"
