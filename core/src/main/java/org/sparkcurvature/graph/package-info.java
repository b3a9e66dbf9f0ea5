/**
 * One sample's computation: nodes, shapes, and the model that a user wrote. Nodes are interned, so
 * common subexpressions exist once, and a graph is a list in topological order; it knows nothing of
 * derivatives or of arrays.
 */
package org.sparkcurvature.graph;
