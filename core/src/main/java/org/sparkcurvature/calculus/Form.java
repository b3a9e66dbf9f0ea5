package org.sparkcurvature.calculus;

import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * A matrix of derivatives per sample: rows are the elements of one node, the head, columns those of
 * another, the active one. It is the sum of its parts; a part that is absent is zero.
 *
 * @param dense shape [size of the head] followed by the active node's shape
 * @param diagonal of the active node's shape, where head and active node have equally many
 *     elements: the entries whose row-major positions in head and active node agree
 */
record Form(Optional<Node> dense, Optional<Node> diagonal) {

  static Form dense(Node node) {
    return new Form(Optional.of(node), Optional.empty());
  }

  static Form diagonal(Node node) {
    return new Form(Optional.empty(), Optional.of(node));
  }
}
