/**
 * From steps to steps that compute the same for less. A {@link org.sparkcurvature.plan.passes.Pass}
 * changes the steps of a block in place; the planner has their list. Two stages follow, which leave
 * the steps as they are: {@link org.sparkcurvature.plan.passes.StripMining} says when each runs,
 * and {@link org.sparkcurvature.plan.passes.BufferAllocation} where its result lies.
 */
package org.sparkcurvature.plan.passes;
