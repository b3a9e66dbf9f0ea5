"""Results, as NumPy arrays, pandas and Spark data frames."""

from __future__ import annotations

import html
import json
from functools import cached_property
from typing import Any

import numpy as np

from ._errors import translated


def _doubles(java: Any, what: str) -> np.ndarray:
    """Numbers cross as one array of bytes."""
    raw = translated(lambda: java.bytes(what))
    return np.frombuffer(bytes(raw), dtype="<f8").copy()


def _names(java: Any) -> list[str]:
    return json.loads(bytes(translated(lambda: java.bytes("names"))).decode("utf-8"))


class Fit:
    """A minimum that a fit reached."""

    def __init__(self, java: Any) -> None:
        self._java = java

    @cached_property
    def names(self) -> list[str]:
        """What estimates are called."""
        return _names(self._java)

    @cached_property
    def estimates(self) -> np.ndarray:
        """What was estimated, on its natural scale."""
        return _doubles(self._java, "estimates")

    @cached_property
    def parameters(self) -> dict[str, np.ndarray]:
        """Every parameter's elements, row-major, by name."""
        found = translated(lambda: self._java.parameterNames())
        return {str(name): _doubles(self._java, "parameter " + str(name)) for name in found}

    @property
    def value(self) -> float:
        """The objective there."""
        return float(self._java.value())

    @property
    def iterations(self) -> int:
        """Iterations that it took."""
        return int(self._java.iterations())

    @property
    def warnings(self) -> list[str]:
        """What a user should know, in sentences."""
        return [str(warning) for warning in self._java.warnings()]

    def __repr__(self) -> str:
        return f"Fit(value={self.value:.10g}, iterations={self.iterations})"


class Estimates:
    """Estimates with their covariance."""

    def __init__(self, java: Any, session: Any) -> None:
        self._java = java
        self._session = session

    @cached_property
    def names(self) -> list[str]:
        """What estimates are called, in the order of everything here."""
        return _names(self._java)

    @cached_property
    def estimates(self) -> np.ndarray:
        """The estimates."""
        return _doubles(self._java, "estimates")

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """Their standard errors; NaN where an element is held."""
        return _doubles(self._java, "standard-errors")

    @cached_property
    def statistics(self) -> np.ndarray:
        """Estimates over their standard errors."""
        return _doubles(self._java, "statistics")

    @cached_property
    def p_values(self) -> np.ndarray:
        """Probabilities of larger statistics where the true values are 0."""
        return _doubles(self._java, "p-values")

    @cached_property
    def intervals(self) -> np.ndarray:
        """Confidence intervals, [n, 2]."""
        return _doubles(self._java, "intervals").reshape(-1, 2)

    @cached_property
    def covariance(self) -> np.ndarray:
        """The covariance of the estimates of parameters, [P, P]."""
        flat = _doubles(self._java, "covariance")
        order = int(round(flat.size**0.5))
        return flat.reshape(order, order)

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
    def dispersion(self) -> float:
        """Pearson's X2 / (n - k) of a family that has a dispersion; otherwise 1."""
        return float(self._java.dispersion())

    @property
    def warnings(self) -> list[str]:
        """What a user should know, in sentences."""
        return [str(warning) for warning in self._java.warnings()]

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
        from pyspark.sql import DataFrame

        return DataFrame(translated(lambda: self._java.table()), self._session)

    def __repr__(self) -> str:
        return str(self._java.toString()).rstrip("\n")

    def _repr_html_(self) -> str:
        columns = ["estimate", "std. err.", "z", "p", "from", "to"]
        head = "".join(f"<th>{name}</th>" for name in ["", *columns])
        rows = []
        numbers = zip(
            self.estimates, self.standard_errors, self.statistics, self.p_values, self.intervals
        )
        for name, (estimate, error, z, p, (low, high)) in zip(self.names, numbers):
            cells = "".join(
                f'<td style="text-align:right">{value:.6g}</td>'
                for value in (estimate, error, z, p, low, high)
            )
            rows.append(f'<tr><th style="text-align:left">{html.escape(name)}</th>{cells}</tr>')
        caption = html.escape(str(self._java.toString()).split("\n", 1)[0])
        return (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>"
        )


class Derivatives:
    """Derivatives of a loss over rows, and by row."""

    def __init__(self, java: Any, session: Any) -> None:
        self._java = java
        self._session = session

    @cached_property
    def names(self) -> list[str]:
        """What the elements are called, in their order; P."""
        return _names(self._java)

    @property
    def value(self) -> float:
        """The value; NaN where it was not asked for."""
        return float(self._java.value())

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient, [P]."""
        return _doubles(self._java, "gradient")

    @cached_property
    def hessian(self) -> np.ndarray:
        """The Hessian, [P, P]."""
        flat = _doubles(self._java, "hessian")
        order = int(round(flat.size**0.5))
        return flat.reshape(order, order)

    def per_sample(self) -> Any:
        """Results by row as a data frame, computed when it is."""
        from pyspark.sql import DataFrame

        none = self._session._sc._gateway.new_array(self._session._jvm.java.lang.String, 0)
        return DataFrame(translated(lambda: self._java.perSample(none)), self._session)

    @property
    def warnings(self) -> list[str]:
        """What a user should know, in sentences."""
        return [str(warning) for warning in self._java.warnings()]

    def __repr__(self) -> str:
        return f"Derivatives(value={self.value:.10g}, P={len(self.names)})"
