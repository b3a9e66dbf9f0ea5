package org.sparkcurvature.diff;

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
record StructuredMatrix(Optional<Node> dense, Optional<Node> diagonal) {

  static StructuredMatrix dense(Node node) {
    return new StructuredMatrix(Optional.of(node), Optional.empty());
  }

  static StructuredMatrix diagonal(Node node) {
    return new StructuredMatrix(Optional.empty(), Optional.of(node));
  }
}
