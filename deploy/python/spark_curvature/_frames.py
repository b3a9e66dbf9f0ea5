"""Data frames of Spark and pandas."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple

import numpy as np

from ._errors import CurvatureError
from ._gateway import configure, is_connect


class Rows(NamedTuple):
    """A data frame of Spark, and the levels of a pandas one's categories in their order."""

    frame: Any
    levels: Mapping[str, Any]


def in_spark(frame: Any) -> Rows:
    """A data frame in the session that runs, or in a local one that is started.

    Raises
    ------
    CurvatureError
        If it is one of Spark Connect, where there is no JVM to reach.
    TypeError
        If it is no data frame, or a column has values of no type of Spark's.
    """
    if is_connect(frame):
        raise CurvatureError(
            2,
            "the data frame is one of Spark Connect, where there is no JVM to reach",
            "the data frame",
            "take a classic session: a cluster of one user, or spark-submit",
        )
    if type(frame).__module__.startswith("pyspark.sql"):
        return Rows(frame, {})
    if type(frame).__module__.startswith("pandas"):
        return _from_pandas(frame, None)
    raise TypeError(
        f"frame is a {type(frame).__name__}: a data frame of Spark or pandas is wanted"
    )


def of_session(frame: Any, session: Any) -> Any:
    """A data frame of Spark; a pandas one is handed to this session."""
    if type(frame).__module__.startswith("pandas"):
        return _from_pandas(frame, session).frame
    return in_spark(frame).frame


def to_java(session: Any, value: Any) -> Any:
    """Lists, dicts and plain values as Java's."""
    if isinstance(value, dict):
        java = session._jvm.java.util.LinkedHashMap()
        for key, part in value.items():
            java.put(key, to_java(session, part))
        return java
    if isinstance(value, list):
        java = session._jvm.java.util.ArrayList()
        for part in value:
            java.add(to_java(session, part))
        return java
    return value


def _from_pandas(frame: Any, session: Any) -> Rows:
    """Missing values become null; categories become texts, whose order is kept as their levels."""
    import pandas as pd
    from pyspark.sql import SparkSession

    session = session or SparkSession.getActiveSession()
    if session is None:
        builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
        session = configure(builder).getOrCreate()
    columns = {}
    levels: dict[str, list[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            present = set(column.dropna().unique())
            levels[str(name)] = [str(c) for c in column.cat.categories if c in present]
            column = column.astype(object).map(lambda v: v if pd.isna(v) else str(v))
        columns[str(name)] = [
            None if pd.isna(v) else v.item() if isinstance(v, np.generic) else v
            for v in column.tolist()
        ]
    rows = list(zip(*columns.values()))
    try:
        made = session.createDataFrame(rows, list(columns))
    except Exception as error:
        raise TypeError(
            "a column of the data frame has values that Spark has no type for: "
            + ", ".join(f"{name} ({frame[name].dtype})" for name in frame.columns)
        ) from error
    return Rows(made, levels)
