package org.sparkcurvature.job.firstlook;

import java.util.Optional;

/**
 * What a column can be in a model.
 *
 * @param kind what its values are
 * @param seen a description of them
 * @param reason why it is no predictor to begin with; empty where it can be one
 */
record ColumnRole(Kind kind, String seen, Optional<String> reason) {

  /** What values are. */
  enum Kind {
    NUMBER,
    /** Text or truth values of a few levels. */
    CATEGORY,
    /** What no model takes as it is. */
    NEITHER
  }

  static ColumnRole leftOut(Kind kind, String seen, String reason) {
    return new ColumnRole(kind, seen, Optional.of(reason));
  }

  boolean canPredict() {
    return reason.isEmpty();
  }
}
