/**
 * One model for each of many groups of rows: fits whose rows lie together in one task. The losses
 * of many groups are evaluated at once, as functions of their predictors ({@link
 * org.sparkcurvature.rewrite.Predictors}); each group has its own sums, steps and termination.
 */
package org.sparkcurvature.job.groups;
