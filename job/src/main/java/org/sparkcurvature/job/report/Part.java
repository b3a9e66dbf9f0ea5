package org.sparkcurvature.job.report;

import java.util.Locale;

/** What the console shows beside the answer, when it is asked to ({@code --show}). */
public enum Part {
  /** The matrices of {@code derive}, element by element. */
  HESSIAN,
  /** The first rows of what is computed for each row. */
  ROWS,
  /** Every line of tables that are otherwise cut. */
  ALL,
  /** The operations of the loss. */
  GRAPH,
  /** The formula of each derivative. */
  FORMULAS,
  /** The steps for a block of samples. */
  STEPS,
  /** Each derivative beside central differences. */
  DIFFERENCES;

  /** The word that is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
