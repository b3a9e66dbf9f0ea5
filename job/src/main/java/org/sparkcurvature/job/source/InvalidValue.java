package org.sparkcurvature.job.source;

import java.util.Optional;
import java.util.Set;

/**
 * A value that makes its row invalid. It never leaves this package; it has no stack trace, so that
 * many invalid rows stay cheap.
 */
final class InvalidValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final String NO_NUMBER = "is text that is no number";

  /** Texts by which files say that there is no value: they are told as they are. */
  private static final Set<String> MISSING = Set.of("NA", "N/A", "null", "NULL");

  private final String kind;
  private final String text;
  private final String column;

  private InvalidValue(String message, String kind, String text, String column) {
    super(message, null, false, false);
    this.kind = kind;
    this.text = text;
    this.column = column;
  }

  /**
   * @param message what is wrong, as it follows the name of the column: {@code is null}
   */
  InvalidValue(String message) {
    this(message, message);
  }

  /**
   * @param message what is wrong, as it follows the name of the column: {@code has 3 elements, not
   *     2}
   * @param kind the same without what differs between rows: {@code has another number of elements}
   */
  InvalidValue(String message, String kind) {
    this(message, kind, null, "");
  }

  /** A cell of text that writes no number. */
  static InvalidValue text(String text) {
    String kind = MISSING.contains(text.strip()) ? "is " + text.strip() : NO_NUMBER;
    return new InvalidValue("is " + Kind.quoted(text) + ", not a number", kind, text, "");
  }

  /** The same of an element of an array. */
  InvalidValue ofElement(int element) {
    return new InvalidValue(
        "at element " + element + " " + getMessage(), "has an element that " + kind, text, column);
  }

  /**
   * The same with the name of what it is the value of.
   *
   * @param called what messages call it
   * @param from the column or expression that it comes from
   */
  InvalidValue of(String called, String from) {
    return new InvalidValue(called + " " + getMessage(), called + " " + kind, text, from);
  }

  /** What is wrong, without what differs between rows. */
  String kind() {
    return kind;
  }

  /** The text that is no number, where that is what is wrong. */
  Optional<String> text() {
    return Optional.ofNullable(text);
  }

  /** The column or expression that it comes from. */
  String column() {
    return column;
  }
}
