/**
 * Models by formula: {@code visits ~ income + C(site)} and a family become tensors, parameters,
 * definitions and a loss, as a user could have written them by hand. A formula is parsed without
 * Spark; what its categories' levels are, one look at the table tells.
 */
package org.sparkcurvature.job.formula;
