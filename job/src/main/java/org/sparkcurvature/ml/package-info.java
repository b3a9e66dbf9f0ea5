/**
 * Stages of Spark ML pipelines: {@link org.sparkcurvature.ml.LossEstimator} fits a model, {@link
 * org.sparkcurvature.ml.LossModel} says what it predicts, {@link
 * org.sparkcurvature.ml.DerivativeTransformer} adds derivatives to rows.
 */
package org.sparkcurvature.ml;
