/**
 * From nodes to steps. {@link org.sparkcurvature.plan.lower.NodeUses} says which nodes must be
 * computed and {@link org.sparkcurvature.plan.lower.Fusion} which contractions together; there is a
 * lowering for each kind of operation: contractions (with {@link
 * org.sparkcurvature.plan.lower.SymmetryReduction} where half of one is enough, and {@link
 * org.sparkcurvature.plan.lower.Lookups} where a factor is an index), elementwise functions,
 * structural operations.
 */
package org.sparkcurvature.plan.lower;
