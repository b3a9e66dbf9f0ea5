package org.sparkcurvature.engine;

import java.util.List;

/** A value or derivative of valid input is NaN or infinite. */
public final class NonFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Integer> rows;
  private final String where;

  /**
   * @param rows positions in the block, at most ten; empty where the fault is in a quantity that
   *     all samples share
   * @param where the expression or derivative in which it first appeared, as a person would write
   *     it
   */
  public NonFiniteException(List<Integer> rows, String where) {
    super("not finite: " + where);
    this.rows = List.copyOf(rows);
    this.where = where;
  }

  public List<Integer> rows() {
    return rows;
  }

  public String where() {
    return where;
  }
}
