"""Models over data frames."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

import numpy as np

from ._errors import translated
from ._frames import in_spark
from ._gateway import entry
from ._results import Derivatives, Estimates, Fit, GroupEstimates, Influences, Spectrum
from ._values import plain

_TENSOR = "input.tensors."
_PARAMETER = "model.parameters."


class Curvature:
    """A model over a data frame: immutable, each method gives another one.

    Made by `curvature`. Keys are those of configuration files (conf/reference.conf).
    """

    def __init__(self, frame: Any, keys: Mapping[str, Any]) -> None:
        self._frame = frame
        self._keys = dict(keys)

    def set(self, key: str, value: Any) -> "Curvature":
        """Sets a key of the configuration, such as ``infer.covariance``."""
        own = plain(key, value)
        if own is None:
            raise TypeError(f"{key} is None: leave it out")
        keys = {k: v for k, v in self._keys.items() if not k.startswith(key + ".")}
        keys[key] = own
        return Curvature(self._frame, keys)

    def at(self, parameters: Mapping[str, Any]) -> "Curvature":
        """Parameters at values, such as those of `Fit.parameters`."""
        model = self
        for name, values in parameters.items():
            key = _PARAMETER + name
            flat = np.asarray(values, dtype=float).reshape(-1).tolist()
            declared = model._keys.get(key)
            block = dict(declared) if isinstance(declared, Mapping) else {}
            for other in ("fill", "normal"):
                block.pop(other, None)
            # A key that is there keeps its place: the order of parameters is that of their names.
            model = model.set(key, {**block, "value": flat[0] if len(flat) == 1 else flat})
        return model

    def estimate(self, covariance: str | None = None, groups: Any = None) -> Estimates:
        """Fits and infers.

        Parameters
        ----------
        covariance : str, optional
            ``nonrobust``, ``HC0`` to ``HC3``, ``cluster``, ``CR2`` or ``opg``.
        groups : str or list of str, optional
            Columns or Spark SQL expressions of the clusters.
        """
        return self._inferred("estimate", covariance, groups)

    def infer(self, covariance: str | None = None, groups: Any = None) -> Estimates:
        """What can be said of parameters that are the minimum already (see `at`)."""
        return self._inferred("infer", covariance, groups)

    def _inferred(self, command: str, covariance: str | None, groups: Any) -> Estimates:
        model = self
        if covariance is not None:
            model = model.set("infer.covariance", covariance)
        if groups is not None:
            model = model.set("infer.groups", groups)
        java = model._java()
        return Estimates(translated(lambda: getattr(java, command)()), self._session())

    def fit(self) -> Fit:
        """Minimises."""
        java = self._java()
        return Fit(translated(lambda: java.fit()), self._session())

    def by(self, *keys: str) -> "ByGroups":
        """One model for each of many groups: columns or Spark SQL expressions tell them apart."""
        return ByGroups(self.set("fit.by", list(keys)))

    def derive(self, wrt: Sequence[str] | str = ()) -> Derivatives:
        """Differentiates by parameters or input tensors; by all parameters unless said."""
        names = [wrt] if isinstance(wrt, str) else list(wrt)
        java = (self.set("derive.wrt", names) if names else self)._java()
        empty = self._session()._sc._gateway.new_array(self._session()._jvm.java.lang.String, 0)
        return Derivatives(translated(lambda: java.derive(empty)), self._session())

    def influence(self, on: str | None = None) -> Influences:
        """What leaving each row out would do, at parameters that are the minimum (see `at`).

        Parameters
        ----------
        on : str, optional
            An expression of parameters; the parameters themselves unless said.
        """
        java = (self if on is None else self.set("influence.on", on))._java()
        return Influences(translated(lambda: java.influence()), self._session())

    def spectrum(self, k: int | None = None) -> Spectrum:
        """Eigenvalues of the Hessian at the parameters (see `at`).

        Parameters
        ----------
        k : int, optional
            To how many of them, the extreme ones, there are vectors.
        """
        java = (self if k is None else self.set("spectrum.k", k))._java()
        return Spectrum(translated(lambda: java.spectrum()), self._session())

    def check(self) -> str:
        """What the configuration means, as the command prints it."""
        java = self._java()
        return str(translated(lambda: java.check()))

    def _session(self) -> Any:
        return self._frame.sparkSession

    def _java(self) -> Any:
        """The model in the JVM: the configuration goes as one text."""
        session = self._session()
        java = entry(session)
        nested: dict[str, Any] = {}
        for key, value in self._keys.items():
            at = nested
            *parents, last = key.split(".")
            for parent in parents:
                at = at.setdefault(parent, {})
                if not isinstance(at, dict):
                    raise TypeError(f"{key} is within {parent}, which has a value of its own")
            at[last] = {**at.get(last, {}), **value} if isinstance(value, dict) else value
        text = json.dumps({"curvature": nested})
        return translated(lambda: java.on(self._frame._jdf).configured(text))

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self._keys.items())
        return f"Curvature({shown})"


class ByGroups:
    """A model of which each group of rows has its own."""

    def __init__(self, model: Curvature) -> None:
        self._model = model

    def set(self, key: str, value: Any) -> "ByGroups":
        """Sets a key of the configuration, such as ``fit.start``."""
        return ByGroups(self._model.set(key, value))

    def estimate(self, covariance: str | None = None, groups: Any = None) -> GroupEstimates:
        """Fits each group. Computed when the table is read.

        Parameters
        ----------
        covariance : str, optional
            ``nonrobust``, ``HC0`` to ``HC3``, ``cluster`` or ``opg``.
        groups : str, optional
            A column or Spark SQL expression of the clusters within each group.
        """
        model = self._model
        if covariance is not None:
            model = model.set("infer.covariance", covariance)
        if groups is not None:
            model = model.set("infer.groups", groups)
        java = model._java()
        keys = model._keys["fit.by"]
        session = model._session()
        array = session._sc._gateway.new_array(session._jvm.java.lang.String, len(keys))
        for place, key in enumerate(keys):
            array[place] = key
        return GroupEstimates(translated(lambda: java.by(array).estimate()), session)


def curvature(
    frame: Any,
    *,
    formula: str | None = None,
    family: Any = None,
    tensors: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    define: Mapping[str, str] | None = None,
    loss: str | None = None,
    likelihood: bool | None = None,
    where: str | None = None,
    weight: str | None = None,
    **blocks: Any,
) -> Curvature:
    """A model over a data frame.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame or pandas.DataFrame
        Rows. A pandas one is handed to the session that runs, or to a local one that is started.
    formula : str, optional
        ``"response ~ terms"``, with `family`.
    family : str or dict, optional
        ``"poisson"``, or ``{"name": "tweedie", "power": 1.6}``.
    tensors, parameters, define : dict, optional
        The inputs, parameters and intermediates of a loss by hand.
    loss : str, optional
        One row's loss.
    likelihood : bool, optional
        Whether the loss is a negative log-likelihood.
    where, weight : str, optional
        Which rows are read, and what each counts.
    **blocks
        Further blocks of the configuration: ``fit={"tolerance": 1e-12}``, ``infer={...}``.

    Raises
    ------
    CurvatureError
        If the data frame is one of Spark Connect, where there is no JVM to reach.
    TypeError
        If an argument has a type that nothing can be made of.
    """
    rows = in_spark(frame)
    model = Curvature(rows.frame, {})
    if formula is not None and rows.levels:
        model = model.set("model.levels", rows.levels)
    given = {
        "model.formula": formula,
        "model.family": family,
        "model.loss": loss,
        "model.likelihood": likelihood,
        "input.where": where,
        "input.weight": weight,
    }
    for key, value in given.items():
        if value is not None:
            model = model.set(key, value)
    for prefix, block in ((_TENSOR, tensors), (_PARAMETER, parameters), ("model.define.", define)):
        for name, value in (block or {}).items():
            model = model.set(prefix + name, value)
    known = (
        "fit",
        "infer",
        "derive",
        "influence",
        "spectrum",
        "input",
        "model",
        "precision",
        "device",
    )
    for name, block in blocks.items():
        if name not in known:
            raise TypeError(
                f"curvature() has no argument {name}; blocks of the configuration are"
                f" {', '.join(known)}"
            )
        for key, value in block.items() if isinstance(block, Mapping) else [("", block)]:
            model = model.set(f"{name}.{key}" if key else name, value)
    return model
