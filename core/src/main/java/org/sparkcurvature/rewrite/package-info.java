/**
 * A pass over a model's graph, before derivatives are taken, that replaces expressions by equal
 * ones that keep their digits: {@code log(1 + exp(u))} by {@code softplus(u)}, {@code lgamma(a + n)
 * - lgamma(a)} by {@code log_rising(a, n)}. {@link org.sparkcurvature.rewrite.Patterns} is the
 * table of what is replaced by what.
 *
 * <p>A pattern must keep the value wherever the expression as written has an accurate one, and must
 * be NaN wherever that is NaN, except where a continuous limit exists.
 */
package org.sparkcurvature.rewrite;
