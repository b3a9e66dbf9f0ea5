package org.sparkcurvature.plan.lower;

import java.util.List;
import org.sparkcurvature.plan.steps.Buffer;

/**
 * A tensor with labelled axes in a buffer, row-major in the order of its labels.
 *
 * @param buffer where it is
 * @param labels its axes
 */
record Tensor(Buffer buffer, List<Integer> labels) {}
