package org.sparkcurvature.diff;

/**
 * A use of a node.
 *
 * @param user id of the node that uses it
 * @param operand as which operand
 */
record Edge(int user, int operand) {}
