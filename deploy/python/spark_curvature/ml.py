"""Stages of Spark ML pipelines, beside those of `pyspark.ml`."""

from __future__ import annotations

import difflib
import json
from typing import Any, Callable, Mapping

import numpy as np
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaTransformer
from pyspark.sql import DataFrame, SparkSession

from ._errors import translated
from ._frames import in_spark
from ._gateway import entry
from ._values import plain

_PACKAGE = "org.sparkcurvature.ml."


def _param(name: str, doc: str, convert: Callable[[Any], Any]) -> Param[Any]:
    return Param(Params._dummy(), name, doc, typeConverter=convert)


def _accessors(cls: Any) -> Any:
    """A setter and a getter for each param, as MLlib's classes have them.

    PySpark makes the name of the Java class from that of the module, and the other way round.
    """
    cls.__module__ = _PACKAGE.rstrip(".")
    inherited = vars(_Shared) if issubclass(cls, _Shared) else {}
    for name, param in [*vars(cls).items(), *inherited.items()]:
        if isinstance(param, Param):
            title = name[0].upper() + name[1:]

            def setter(self: Any, value: Any, name: str = name) -> Any:
                return self._set(**{name: plain(name, value)})

            def getter(self: Any, name: str = name) -> Any:
                return self.getOrDefault(name)

            setter.__doc__ = f"Sets `{name}`: {param.doc}."
            getter.__doc__ = f"`{name}`: {param.doc}."
            setattr(cls, "set" + title, setter)
            setattr(cls, "get" + title, getter)
    return cls


def _new_java(stage: Any, name: str) -> Any:
    """The stage in the JVM; says what to do where the jar is not there."""
    session = SparkSession.getActiveSession()
    if session is not None:
        entry(session)
    return stage._new_java_obj(_PACKAGE + name, stage.uid)


def _set_known(stage: Any, params: Mapping[str, Any]) -> None:
    known = [param.name for param in stage.params]
    for name, value in params.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f": they are {', '.join(known)}"
            raise TypeError(f"{type(stage).__name__} has no param {name}{hint}")
        stage._set(**{name: plain(name, value)})


class _Shared(Params):
    """The params that an estimator and its model share."""

    predictionCol = _param(
        "predictionCol", "name of the column with predictions; none may exist", TypeConverters.toString
    )
    predicted = _param(
        "predicted",
        "what is predicted, an expression of the model's definitions; empty: the mean",
        TypeConverters.toString,
    )
    handleInvalid = _param(
        "handleInvalid",
        "rows with missing values or levels that were not seen: error (they end the run), skip"
        " (they are left out) or keep (they stay, without a prediction; a fit leaves them"
        " out)",
        TypeConverters.toString,
    )

    unseenGroups = _param(
        "unseenGroups",
        "rows of groups that were not seen: null (no prediction), pooled (by the estimates of"
        " all rows, of a fit with fit.start = pooled) or fail",
        TypeConverters.toString,
    )

    _shared_defaults = {
        "predictionCol": "prediction",
        "predicted": "",
        "handleInvalid": "error",
        "unseenGroups": "null",
    }


@_accessors
class LossModel(JavaModel, _Shared, JavaMLReadable["LossModel"], JavaMLWritable):
    """A fitted model: `transform` adds what it predicts; its numbers are there after loading, too."""

    def __init__(self, java_model: Any = None) -> None:
        super().__init__(java_model)
        self._setDefault(**self._shared_defaults)

    def transform(self, dataset: DataFrame, params: Any = None) -> DataFrame:
        """The rows with what is predicted of them, computed when the data frame is."""
        return translated(lambda: super(LossModel, self).transform(dataset, params))

    @property
    def _java(self) -> Any:
        return self._java_obj

    def _numbers(self, name: str) -> np.ndarray:
        return np.array(list(translated(getattr(self._java, name))), dtype=float)

    @property
    def names(self) -> list[str]:
        """What the estimates are called."""
        return [str(name) for name in self._java.names()]

    @property
    def groupEstimates(self) -> DataFrame:
        """A row for each group: keys, status, estimates in the order of `names`, errors."""
        java = translated(lambda: self._java.groupEstimates())
        return DataFrame(java, SparkSession.active())

    @property
    def coefficients(self) -> np.ndarray:
        """The estimates; an error where each group has its own, as with the numbers below."""
        return self._numbers("coefficients")

    @property
    def coefficientStandardErrors(self) -> np.ndarray:
        """Their standard errors; NaN where one is held, and after a fit with a penalty."""
        return self._numbers("coefficientStandardErrors")

    @property
    def tValues(self) -> np.ndarray:
        """Estimates over their standard errors."""
        return self._numbers("tValues")

    @property
    def pValues(self) -> np.ndarray:
        """Probabilities of larger statistics where the true values are 0."""
        return self._numbers("pValues")

    @property
    def numInstances(self) -> float:
        """n; NaN after a fit with a penalty, as the numbers below."""
        return float(translated(self._java.numInstances))

    @property
    def logLikelihood(self) -> float:
        """NaN where the loss is no likelihood."""
        return float(translated(self._java.logLikelihood))

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return float(translated(self._java.aic))

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(translated(self._java.bic))

    @property
    def summary(self) -> str:
        """The table that the command prints, or how groups ended; empty after a fit with a penalty."""
        return str(self._java.summary())


@_accessors
class LossEstimator(JavaEstimator[LossModel], _Shared, JavaMLReadable["LossEstimator"], JavaMLWritable):
    """Fits a model by formula and family, by columns and family, or of a loss by hand.

    Parameters
    ----------
    **params
        Those of `explainParams`: ``formula``, ``family``, ``labelCol``, ``predictorCols``, ...
    """

    formula = _param("formula", "response ~ terms; empty: labelCol ~ predictorCols", TypeConverters.toString)
    family = _param("family", "name of the family; empty: the configuration has a loss", TypeConverters.toString)
    configuration = _param(
        "configuration", "further keys, as HOCON under the root curvature", TypeConverters.toString
    )
    labelCol = _param("labelCol", "the response, where there is no formula", TypeConverters.toString)
    predictorCols = _param(
        "predictorCols", "columns of numbers or vectors, where there is no formula", TypeConverters.toListString
    )
    weightCol = _param("weightCol", "the weight of a row; empty: 1", TypeConverters.toString)
    covariance = _param(
        "covariance", "how errors are estimated; default: the family's own", TypeConverters.toString
    )
    groups = _param("groups", "columns or expressions of clusters", TypeConverters.toListString)
    by = _param(
        "by", "columns or expressions: each of their values has a model of its own", TypeConverters.toListString
    )
    regParam = _param(
        "regParam",
        "factor of the squares of coefficients (fit.l2), at least 0; above 0 there are no errors",
        TypeConverters.toFloat,
    )
    tol = _param("tol", "relative gradient norm of a minimum (fit.tolerance)", TypeConverters.toFloat)
    maxIter = _param("maxIter", "the most iterations", TypeConverters.toInt)

    _defaults: Mapping[str, Any] = {
        "formula": "",
        "family": "",
        "configuration": "",
        "labelCol": "label",
        "predictorCols": [],
        "weightCol": "",
        "covariance": "default",
        "groups": [],
        "by": [],
        "regParam": 0.0,
        "tol": 1e-10,
        "maxIter": 100,
    }

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self._java_obj = _new_java(self, "LossEstimator")
        self._setDefault(**self._defaults, **self._shared_defaults)
        _set_known(self, params)

    def fit(self, dataset: Any, params: Any = None) -> Any:
        """Fits."""
        rows = in_spark(dataset).frame
        return translated(lambda: super(LossEstimator, self).fit(rows, params))

    def _create_model(self, java_model: Any) -> LossModel:
        return LossModel(java_model)


def _values(value: Any) -> str:
    """Elements of parameters by name, as JSON; a text is JSON already."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise TypeError("parameters is a dict of numbers or arrays by name, or JSON")
    flat = {
        str(name): np.asarray(elements, dtype=float).reshape(-1).tolist()
        for name, elements in value.items()
    }
    return json.dumps(flat)


@_accessors
class DerivativeTransformer(
    JavaTransformer, JavaMLReadable["DerivativeTransformer"], JavaMLWritable
):
    """Adds derivatives of a loss at given parameters to every row.

    Parameters
    ----------
    **params
        Those of `explainParams`: ``configuration``, ``parameters`` (a dict of numbers or arrays by
        name), ``gradientCol``, ``hessianCol``, ...
    """

    configuration = _param(
        "configuration",
        "tensors, parameters and loss, as HOCON under the root curvature",
        TypeConverters.toString,
    )
    parameters = _param(
        "parameters",
        "values of parameters, as JSON: elements by name; empty: those of the configuration",
        _values,
    )
    wrt = _param(
        "wrt",
        "parameters or tensors by which is differentiated; empty: the only parameter",
        TypeConverters.toListString,
    )
    valueCol = _param("valueCol", "name of the column with the loss; empty: none", TypeConverters.toString)
    gradientCol = _param(
        "gradientCol", "name of the column with the gradient; empty: none", TypeConverters.toString
    )
    hessianCol = _param(
        "hessianCol", "name of the column with the Hessian; empty: none", TypeConverters.toString
    )
    hessianForm = _param(
        "hessianForm",
        "packed (the upper triangle, row by row), full (row by row) or diagonal",
        TypeConverters.toString,
    )
    valuesOf = _param(
        "valuesOf",
        "definitions whose values are added, as the columns value_NAME",
        TypeConverters.toListString,
    )
    jacobiansOf = _param(
        "jacobiansOf",
        "definitions whose Jacobians are added, row by row, as the columns jacobian_NAME",
        TypeConverters.toListString,
    )
    outputType = _param(
        "outputType", "of gradients, Hessians, ...: array (of doubles) or vector", TypeConverters.toString
    )
    handleInvalid = _param(
        "handleInvalid",
        "rows with missing values: error (they end the run), skip (they are left out) or keep"
        " (they stay, without derivatives)",
        TypeConverters.toString,
    )

    _defaults: Mapping[str, Any] = {
        "configuration": "",
        "parameters": "",
        "wrt": [],
        "valueCol": "",
        "gradientCol": "gradient",
        "hessianCol": "",
        "hessianForm": "packed",
        "valuesOf": [],
        "jacobiansOf": [],
        "outputType": "array",
        "handleInvalid": "error",
    }

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self._java_obj = _new_java(self, "DerivativeTransformer")
        self._setDefault(**self._defaults)
        _set_known(self, params)

    def transform(self, dataset: DataFrame, params: Any = None) -> DataFrame:
        """The rows with their derivatives, computed when the data frame is."""
        return translated(lambda: super(DerivativeTransformer, self).transform(dataset, params))
