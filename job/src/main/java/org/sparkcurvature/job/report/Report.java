package org.sparkcurvature.job.report;

import java.util.Map;

/** What a person reads of a result: the answer first, then what it rests on. */
public interface Report {
  /** The text, each line ended. */
  String text(View view);

  /** Numbers of the answer that no file of the result holds as JSON, for {@code --json}. */
  default Map<String, Object> numbers() {
    return Map.of();
  }
}
