"""Data frames of Spark and pandas."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import Any, Iterator, Mapping, NamedTuple

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
    columns: dict[str, list[Any]] = {}
    types: dict[str, Any] = {}
    levels: dict[str, list[str]] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            present = set(column.dropna().unique())
            levels[str(name)] = [str(c) for c in column.cat.categories if c in present]
            column = column.astype(object).map(lambda v: v if pd.isna(v) else str(v))
        columns[str(name)] = [_cell(v) for v in column.tolist()]
        types[str(name)] = column.dtype
    return Rows(_created(session, columns, types), levels)


def _cell(value: Any) -> Any:
    """A value of Python's own; None where it is missing."""
    import pandas as pd

    if pd.api.types.is_scalar(value):
        if pd.isna(value):
            return None
        # PySpark goes by the very class, and makes an empty struct of one of pandas.
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime(warn=False)
        if isinstance(value, pd.Timedelta):
            return value.to_pytimedelta()
        if isinstance(value, pd.Period):
            return str(value)
        return value.item() if isinstance(value, np.generic) else value
    return value.tolist() if isinstance(value, np.ndarray) else value


def _created(session: Any, columns: Mapping[str, list[Any]], types: Mapping[str, Any]) -> Any:
    """A data frame of Spark; a column without values has the type that pandas gives it."""
    from pyspark.sql import functions

    filled = {name: c for name, c in columns.items() if any(value is not None for value in c)}
    if filled:
        rows = list(zip(*filled.values()))
        try:
            with _workers_of_this_python(session):
                made = session.createDataFrame(rows, list(filled))
        except Exception as error:
            for name, values in filled.items():
                _refuse_untyped(session, name, values, types[name])
            raise TypeError("Spark takes no such rows") from error
    else:
        made = session.range(len(next(iter(columns.values()), [])))
    nulls = {
        name: functions.lit(None).cast("double" if types[name].kind in "fiub" else "string")
        for name in columns
        if name not in filled
    }
    return made.select(
        *[nulls[name].alias(name) if name in nulls else _quoted(name) for name in columns]
    )


@contextmanager
def _workers_of_this_python(session: Any) -> Iterator[None]:
    """Rows of Python cross by way of workers, which on this machine are of this Python.

    PySpark takes the first `python3` of the path: another one, where a virtual environment is not
    activated.
    """
    context = session._sc
    before = context.pythonExec
    if context.master.startswith("local") and "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable
    try:
        yield
    finally:
        context.pythonExec = before


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _refuse_untyped(session: Any, name: str, values: list[Any], dtype: Any) -> None:
    """Refuses a column of which Spark makes nothing alone, either."""
    try:
        session.createDataFrame([(value,) for value in values], [name])
    except Exception as error:
        kinds = sorted({type(value).__name__ for value in values if value is not None})
        raise TypeError(
            f"the column {name} of the data frame has the type {dtype}, and values that no type of"
            f" Spark has together: {', '.join(kinds)}"
        ) from error
