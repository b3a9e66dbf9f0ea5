package org.sparkcurvature.job.source;

import java.io.Serializable;

/**
 * Why a row is invalid.
 *
 * @param row the row
 * @param reason the tensor's element or weight, its value as text, and what is wrong with it
 */
public record Rejection(RowName row, String reason) implements Serializable {

  /** {@code row 17 (id 4): x[2] (income) is 'n/a', not a number}. */
  @Override
  public String toString() {
    return row + ": " + reason;
  }
}
