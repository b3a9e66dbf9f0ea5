package org.sparkcurvature.plan;

import java.util.List;

/**
 * A tensor with labelled axes in a buffer, row-major in the order of its labels.
 *
 * @param buffer where it is
 * @param labels its axes
 * @param perBlock whether it changes from block to block
 */
record Tensor(Buffer buffer, List<Integer> labels, boolean perBlock) {}
