package org.sparkcurvature.plan;

import java.util.List;

/**
 * A tensor with labelled axes in a buffer, row-major in the order of its labels.
 *
 * @param buffer where it is
 * @param labels its axes
 */
record Tensor(Buffer buffer, List<Integer> labels) {}
