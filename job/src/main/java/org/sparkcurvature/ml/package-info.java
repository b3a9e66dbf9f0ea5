/**
 * Stages of Spark ML pipelines: {@link org.sparkcurvature.ml.LossEstimator} fits a model, {@link
 * org.sparkcurvature.ml.LossModel} says what it predicts.
 */
package org.sparkcurvature.ml;
