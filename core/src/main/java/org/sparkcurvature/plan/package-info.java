/**
 * From nodes to a plan: which kernel computes each, in which order factors are multiplied, which
 * half of a symmetric result is computed, and where results lie in memory. Plans are data; nothing
 * here computes a number.
 *
 * <p>Four rooms: {@code plan.steps} says what a step is; {@code plan.lower} makes steps of nodes
 * and {@code plan.passes} makes other steps of steps, neither knowing the other; {@link
 * org.sparkcurvature.plan.Planner} stands on all three and has the list of the passes.
 */
package org.sparkcurvature.plan;
