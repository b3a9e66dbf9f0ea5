/**
 * What a plan consists of: steps, one record for each kind of kernel, the buffers that they read
 * and write, and what they cost. {@link org.sparkcurvature.plan.steps.StepBuilder} holds them while
 * they are planned.
 */
package org.sparkcurvature.plan.steps;
