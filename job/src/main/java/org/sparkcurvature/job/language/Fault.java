package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.sparkcurvature.job.config.Problem;

/**
 * One thing wrong with an expression.
 *
 * @param formula the expression
 * @param span the part of it that is wrong
 * @param what what is wrong, naming the part concerned
 * @param remedy how to mend it; empty where {@code what} says it
 */
public record Fault(Formula formula, Span span, String what, String remedy) {
  public Fault {
    requireNonNull(formula);
    requireNonNull(span);
    requireNonNull(what);
    requireNonNull(remedy);
  }

  /** The expression's key in the configuration, without the root. */
  public String path() {
    return formula.path();
  }

  /** The line within the expression, from 1. */
  public int line() {
    return formula.line(span);
  }

  /** The column within that line, from 1. */
  public int column() {
    return formula.column(span);
  }

  /** The line concerned, and below it carets under the part that is wrong. */
  public String excerpt() {
    return formula.excerpt(span);
  }

  /** What is wrong and where in the expression, on one line. */
  public String summary() {
    String place =
        formula.isOneLine() ? "column " + column() : "line " + line() + ", column " + column();
    return place + ": " + what;
  }

  /** How to mend it, and the excerpt below. */
  public String help() {
    return (remedy.isEmpty() ? "correct this part" : remedy)
        + "\n    "
        + excerpt().replace("\n", "\n    ");
  }

  /**
   * As one of the configuration's problems.
   *
   * @param location {@code file:line} of the expression, where that is known
   */
  public Problem toProblem(Optional<String> location) {
    return new Problem(path(), location, summary(), help());
  }

  /** The whole message. */
  @Override
  public String toString() {
    return path() + ": " + summary() + "; " + help();
  }
}
