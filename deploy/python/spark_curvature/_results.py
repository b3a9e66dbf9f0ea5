"""Results, as NumPy arrays, pandas and Spark data frames."""

from __future__ import annotations

import html
import json
from functools import cached_property
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from ._errors import CurvatureError, translated
from ._frames import of_session, to_java
from ._gateway import refuse_stopped
from ._values import plain


_PART = 16 << 20
"""So many bytes of a matrix cross at once: the JVM holds each part several times, as text."""


class _Result:
    """What lies in the JVM. Numbers cross as one array of bytes, once."""

    def __init__(self, java: Any, session: Any) -> None:
        self._java = java
        self._session = session

    def _doubles(self, what: str) -> np.ndarray:
        raw = translated(lambda: self._java.bytes(what))
        return np.frombuffer(bytes(raw), dtype="<f8").copy()

    def _square(self, what: str) -> np.ndarray:
        """A symmetric matrix, whose upper triangle crosses part by part."""

        def upper(first: int, count: int) -> np.ndarray:
            raw = translated(lambda: self._java.bytes(what, first, count))
            return np.frombuffer(bytes(raw), dtype="<f8")

        order = upper(0, 1).size
        matrix = np.empty((order, order))
        row = 0
        while row < order:
            count = max(1, _PART // (8 * (order - row)))
            part = upper(row, count)
            while part.size:
                matrix[row, row:] = matrix[row:, row] = part[: order - row]
                part = part[order - row :]
                row += 1
        return matrix

    def _frame(self, call: Callable[[], Any]) -> Any:
        """What a call gives as a data frame of the session.

        Raises
        ------
        CurvatureError
            If that session was stopped.
        """
        from pyspark.sql import DataFrame

        refuse_stopped(self._session)
        return DataFrame(translated(call), self._session)

    def _map(self, options: Mapping[str, Any]) -> Any:
        given = {k: plain(k, v) for k, v in options.items() if v is not None}
        return to_java(self._session, given)

    @cached_property
    def names(self) -> list[str]:
        """What elements are called, in the order of everything here."""
        return json.loads(bytes(translated(lambda: self._java.bytes("names"))).decode("utf-8"))

    @property
    def warnings(self) -> list[str]:
        """What a user should know, in sentences."""
        return [str(warning) for warning in self._java.warnings()]


def _predicted(result: _Result, frame: Any, options: Mapping[str, Any]) -> Any:
    """What a result predicts: a pandas data frame where `frame` is one."""
    refuse_stopped(result._session)
    rows = of_session(frame, result._session)
    found = result._frame(lambda: result._java.predict(rows._jdf, result._map(options)))
    return found if rows is frame else found.toPandas()


class _Written(_Result):
    """What can be written."""

    def write(self, path: str, mode: str = "error") -> None:
        """Writes what the command writes.

        Parameters
        ----------
        path : str
            A folder, on any file system that Spark reaches.
        mode : str
            ``error``: the folder must not exist; ``overwrite``: an earlier result of this program
            there may be replaced.
        """
        refuse_stopped(self._session)
        translated(lambda: self._java.write(str(path), mode))


class _Predicting(_Written):
    """What says something of rows."""

    def predict(
        self,
        frame: Any,
        *,
        of: Sequence[str] | str | None = None,
        interval: str | None = None,
        residuals: Sequence[str] | str | None = None,
        level: float | None = None,
    ) -> Any:
        """What the model says of rows, beside the columns of their own.

        Parameters
        ----------
        frame : pyspark.sql.DataFrame or pandas.DataFrame
            Rows with the columns that the model reads; no outcome is needed.
        of : str or list of str, optional
            Definitions, or expressions of them; the family's mean unless said.
        interval : str, optional
            ``confidence``: standard errors and intervals by the delta method.
        residuals : str or list of str, optional
            ``response``, ``pearson``, ``deviance``, ``working``.
        level : float, optional
            Of the intervals; that of the model unless said.

        Returns
        -------
        pyspark.sql.DataFrame
            Computed when it is read; a pandas one where `frame` is one.
        """
        options = {
            "of": [of] if isinstance(of, str) else of,
            "interval": interval,
            "residuals": [residuals] if isinstance(residuals, str) else residuals,
            "level": level,
        }
        return _predicted(self, frame, options)


class GroupEstimates(_Written):
    """One model for each of many groups. Groups are fitted when the table is read, each time."""

    @property
    def table(self) -> Any:
        """A Spark data frame with a row for each group; `computed` has one that is read again."""
        return self._frame(lambda: self._java.table())

    def to_pandas(self) -> Any:
        """The table as a pandas data frame."""
        return self.table.toPandas()

    def computed(self) -> GroupEstimates:
        """Fits now: the same estimates, whose table is held as long as it is used.

        Raises
        ------
        CurvatureError
            With code 4 where no group has estimates, or too few for `fit.max-failed-groups`.
        """
        refuse_stopped(self._session)
        return GroupEstimates(translated(lambda: self._java.computed()), self._session)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many groups have each status."""
        found = translated(lambda: self._java.counts())
        return {str(status): int(found[status]) for status in found}

    def predict(
        self,
        frame: Any,
        *,
        of: Sequence[str] | str | None = None,
        residuals: Sequence[str] | str | None = None,
        unseen_groups: str | None = None,
    ) -> Any:
        """What each row's group says of it, beside the row's own columns.

        Parameters
        ----------
        frame : pyspark.sql.DataFrame or pandas.DataFrame
            Rows with the keys and the columns that the model reads.
        of : str or list of str, optional
            Definitions, or expressions of them; the family's mean unless said.
        residuals : str or list of str, optional
            ``response``, ``pearson``, ``deviance``, ``working``.
        unseen_groups : str, optional
            ``pooled`` or ``fail``; rows of groups that were not seen have null unless said.

        Returns
        -------
        pyspark.sql.DataFrame
            Computed when it is read; a pandas one where `frame` is one.
        """
        options = {
            "of": [of] if isinstance(of, str) else of,
            "residuals": [residuals] if isinstance(residuals, str) else residuals,
            "unseen-groups": unseen_groups,
        }
        return _predicted(self, frame, options)

    def __repr__(self) -> str:
        return f"GroupEstimates({', '.join(self.names)}; fitted when .table is read)"


class Fit(_Predicting):
    """A minimum that a fit reached."""

    @cached_property
    def estimates(self) -> np.ndarray:
        """What was estimated, on its natural scale."""
        return self._doubles("estimates")

    @cached_property
    def parameters(self) -> dict[str, np.ndarray]:
        """Every parameter's elements, row-major, by name."""
        found = translated(lambda: self._java.parameterNames())
        return {str(name): self._doubles("parameter " + str(name)) for name in found}

    @property
    def value(self) -> float:
        """The objective there."""
        return float(self._java.value())

    @property
    def iterations(self) -> int:
        """Iterations that it took."""
        return int(self._java.iterations())

    def __repr__(self) -> str:
        return f"Fit(value={self.value:.10g}, iterations={self.iterations})"


def _cells(values: Sequence[float]) -> str:
    return "".join(f'<td style="text-align:right">{value:.6g}</td>' for value in values)


def _table(caption: str, columns: Sequence[str], names: Sequence[str], rows: Any) -> str:
    head = "".join(f"<th>{name}</th>" for name in ["", *columns])
    body = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>{_cells(row)}</tr>'
        for name, row in zip(names, rows)
    )
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise CurvatureError(
            2, "a plot takes matplotlib", "", "install it: pip install matplotlib"
        ) from error
    return plt


class Estimates(_Predicting):
    """Estimates with their covariance."""

    @cached_property
    def estimates(self) -> np.ndarray:
        """The estimates."""
        return self._doubles("estimates")

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """Their standard errors; NaN where an element is held."""
        return self._doubles("standard-errors")

    @cached_property
    def statistics(self) -> np.ndarray:
        """Estimates over their standard errors."""
        return self._doubles("statistics")

    @cached_property
    def p_values(self) -> np.ndarray:
        """Probabilities of larger statistics where the true values are 0."""
        return self._doubles("p-values")

    @cached_property
    def intervals(self) -> np.ndarray:
        """Confidence intervals, [n, 2]."""
        return self._doubles("intervals").reshape(-1, 2)

    @cached_property
    def covariance(self) -> np.ndarray:
        """The covariance of the estimates of parameters, [P, P]."""
        return self._square("covariance")

    @cached_property
    def parameters(self) -> dict[str, np.ndarray]:
        """Every parameter's elements, row-major, by name; none after `infer`."""
        found = translated(lambda: self._java.parameterNames())
        return {str(name): self._doubles("parameter " + str(name)) for name in found}

    @property
    def covariance_type(self) -> str:
        """How it is estimated."""
        return str(self._java.covarianceType())

    @property
    def observations(self) -> float:
        """How many rows, or their frequencies."""
        return float(self._java.observations())

    @property
    def log_likelihood(self) -> float:
        """NaN where the loss is no likelihood."""
        return float(self._java.logLikelihood())

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return float(self._java.aic())

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(self._java.bic())

    @property
    def deviance(self) -> float:
        """NaN where the model has none."""
        return float(self._java.deviance())

    @property
    def dispersion(self) -> float:
        """Pearson's X2 / (n - k) of a family that has a dispersion; otherwise 1."""
        return float(self._java.dispersion())

    def effects(
        self,
        frame: Any,
        *,
        of: str | None = None,
        slopes: Sequence[str] | str | None = None,
        elasticities: Sequence[str] | str | None = None,
        contrasts: Mapping[str, Any] | None = None,
        at: Mapping[str, Any] | None = None,
        by: Sequence[str] | str | None = None,
        level: float | None = None,
    ) -> "Effects":
        """Averages over rows of what the model says, with standard errors.

        Parameters
        ----------
        frame : pyspark.sql.DataFrame or pandas.DataFrame
            Rows with the columns that the model reads.
        of : str, optional
            A definition, or an expression of them; the family's mean unless said.
        slopes, elasticities : str or list of str, optional
            Columns by which the average derivative, or elasticity, is taken.
        contrasts : dict, optional
            By column, values that are compared: ``{"treated": [0, 1]}``.
        at : dict, optional
            Columns that have one value in all rows.
        by : str or list of str, optional
            Expressions by which rows are grouped.
        level : float, optional
            Of the intervals.
        """
        options = {
            "of": of,
            "slopes": [slopes] if isinstance(slopes, str) else slopes,
            "elasticities": [elasticities] if isinstance(elasticities, str) else elasticities,
            "contrasts": contrasts,
            "at": at,
            "by": [by] if isinstance(by, str) else by,
            "level": level,
        }
        refuse_stopped(self._session)
        rows = of_session(frame, self._session)
        java = translated(lambda: self._java.effects(rows._jdf, self._map(options)))
        return Effects(java, self._session)

    def to_pandas(self) -> Any:
        """One row for each estimate, named by it."""
        import pandas as pd

        return pd.DataFrame(
            {
                "estimate": self.estimates,
                "std_error": self.standard_errors,
                "z": self.statistics,
                "p": self.p_values,
                "ci_low": self.intervals[:, 0],
                "ci_high": self.intervals[:, 1],
            },
            index=pd.Index(self.names, name="name"),
        )

    def to_spark(self) -> Any:
        """The same as a data frame of the session."""
        return self._frame(lambda: self._java.table())

    def plot(self, ax: Any = None) -> Any:
        """Estimates with their intervals, the first on top.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure unless given.

        Returns
        -------
        matplotlib.axes.Axes
        """
        if ax is None:
            _, ax = _pyplot().subplots(figsize=(6, 0.8 + 0.3 * len(self.names)))
        places = np.arange(len(self.names))[::-1]
        reach = np.abs(self.intervals - self.estimates[:, None]).T
        ax.errorbar(self.estimates, places, xerr=reach, fmt="o", markersize=4, capsize=3)
        ax.axvline(0, color="0.6", linewidth=0.8)
        ax.set_yticks(places, self.names)
        ax.set_xlabel(f"estimate and interval, {self.covariance_type} errors")
        return ax

    def __repr__(self) -> str:
        return str(self._java.toString()).rstrip("\n")

    def _repr_html_(self) -> str:
        return _table(
            str(self._java.toString()).split("\n", 1)[0],
            ["estimate", "std. err.", "z", "p", "from", "to"],
            self.names,
            np.column_stack(
                [
                    self.estimates,
                    self.standard_errors,
                    self.statistics,
                    self.p_values,
                    self.intervals,
                ]
            ),
        )


class Effects(_Result):
    """Averages over rows of what a model says."""

    @cached_property
    def estimates(self) -> np.ndarray:
        """The averages."""
        return self._doubles("estimates")

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """Their standard errors."""
        return self._doubles("standard-errors")

    def to_spark(self) -> Any:
        """A row for each effect, as a data frame of the session."""
        return self._frame(lambda: self._java.table())

    def to_pandas(self) -> Any:
        """A row for each effect."""
        return self.to_spark().toPandas()

    def __repr__(self) -> str:
        return str(self._java.toString()).rstrip("\n")

    def _repr_html_(self) -> str:
        return _table(
            "effects",
            ["estimate", "std. err."],
            self.names,
            np.column_stack([self.estimates, self.standard_errors]),
        )


class Derivatives(_Written):
    """Derivatives of a loss over rows, and by row."""

    @property
    def value(self) -> float:
        """The value; NaN where it was not asked for."""
        return float(self._java.value())

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient, [P]."""
        return self._doubles("gradient")

    @cached_property
    def hessian(self) -> np.ndarray:
        """The Hessian, [P, P]."""
        return self._square("hessian")

    def per_sample(self, *columns: str) -> Any:
        """Results by row as a data frame, computed when it is: the table's own columns first.

        Parameters
        ----------
        *columns : str
            Of these, or expressions of them; all unless said.
        """
        refuse_stopped(self._session)
        java_string = self._session._jvm.java.lang.String
        wanted = self._session._sc._gateway.new_array(java_string, len(columns))
        for at, column in enumerate(columns):
            wanted[at] = column
        return self._frame(lambda: self._java.perSample(wanted))

    def __repr__(self) -> str:
        return f"Derivatives(value={self.value:.10g}, P={len(self.names)})"


class Influences(_Written):
    """What leaving each row out would add, to first order."""

    def to_spark(self) -> Any:
        """The rows with their influences, computed when the data frame is."""
        return self._frame(lambda: self._java.table())

    def to_pandas(self) -> Any:
        """The same in memory."""
        return self.to_spark().toPandas()


class Spectrum(_Written):
    """Eigenvalues of a Hessian, and what they say of the point."""

    @cached_property
    def eigenvalues(self) -> np.ndarray:
        """Ascending: all of them, or those that were computed."""
        return self._doubles("eigenvalues")

    @cached_property
    def extreme_eigenvalues(self) -> np.ndarray:
        """Those to which there are vectors, ascending."""
        return self._doubles("extreme-eigenvalues")

    @cached_property
    def eigenvectors(self) -> np.ndarray:
        """Vectors of norm 1, one row each, [k, P]."""
        return self._doubles("eigenvectors").reshape(-1, len(self.names))

    @property
    def verdict(self) -> str:
        """``minimum``, ``saddle``, ``flat``, ``not stationary``, ..."""
        return str(self._java.verdict())

    def plot(self, ax: Any = None) -> Any:
        """Magnitudes of the eigenvalues, negative ones in another colour."""
        if ax is None:
            _, ax = _pyplot().subplots(figsize=(6, 3))
        places = np.arange(1, self.eigenvalues.size + 1)
        for chosen, colour, name in (
            (self.eigenvalues >= 0, "C0", "positive"),
            (self.eigenvalues < 0, "C1", "negative"),
        ):
            if chosen.any():
                sizes = np.abs(self.eigenvalues[chosen])
                ax.plot(places[chosen], sizes, "o", markersize=4, color=colour, label=name)
        ax.set_yscale("log")
        ax.set_xlabel("eigenvalue, ascending")
        ax.set_ylabel("magnitude")
        ax.legend()
        return ax

    def __repr__(self) -> str:
        return str(self._java.toString()).rstrip("\n")
