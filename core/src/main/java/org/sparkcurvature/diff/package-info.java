/**
 * From a model and a request to the nodes of its derivatives, in the model's own graph. One reverse
 * sweep takes first and second derivatives between small tensors per sample; parameters that enter
 * through products are lifted from those by contractions over samples.
 *
 * <p>Derivatives are nodes like any other, so what they share with the loss and with one another is
 * computed once, and the planner sees all.
 */
package org.sparkcurvature.diff;
