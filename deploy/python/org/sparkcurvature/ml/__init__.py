"""Where PySpark looks for the stages of a saved pipeline: under the names of their Java classes."""

from spark_curvature.ml import DerivativeTransformer, LossEstimator, LossModel

__all__ = ["DerivativeTransformer", "LossEstimator", "LossModel"]
