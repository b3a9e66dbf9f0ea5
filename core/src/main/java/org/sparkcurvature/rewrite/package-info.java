/**
 * A pass over a model's graph, before derivatives are taken, that replaces expressions by equal
 * ones that keep their digits: {@code log(1 + exp(u))} by {@code softplus(u)}, {@code lgamma(a + n)
 * - lgamma(a)} by {@code log_rising(a, n)}. {@link org.sparkcurvature.rewrite.Patterns} is the
 * table of what is replaced by what.
 *
 * <p>A pattern must keep the value wherever the expression as written has an accurate one, and must
 * be NaN wherever that is NaN, except where a continuous limit exists.
 *
 * <p>{@link org.sparkcurvature.rewrite.Predictors} makes of a loss a function of the predictors
 * that parameters enter it by: what many models of one loss have in common.
 */
package org.sparkcurvature.rewrite;
