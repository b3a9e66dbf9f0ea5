package org.sparkcurvature.job.errors;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Messages that end a run because of where its rows are, or of what reads them. */
public final class InputErrors {
  private static final int LISTED_COLUMNS = 20;

  private InputErrors() {}

  /** A path at which there is nothing yet. */
  public static JobException pathNotThereYet(String path, String where) {
    return new JobException(
        ExitCode.CLUSTER,
        "there is nothing at " + path + " yet",
        where,
        "run again when it is there (input.missing-path = retry)");
  }

  /**
   * A format that nothing on the class path reads.
   *
   * @param remedy how to add its reader, where that is known; otherwise empty
   */
  public static JobException noSuchFormat(String format, String remedy, Throwable cause) {
    return new JobException(
        ExitCode.DATA,
        "Spark has no reader for the format '" + format + "'",
        "curvature.input.format",
        remedy.isEmpty()
            ? "use csv, parquet, orc, json or libsvm, or add the reader's package with -- --packages"
            : remedy,
        cause);
  }

  /**
   * The folder of a table whose files are not its rows, read as files.
   *
   * @param kind such as {@code Delta}
   * @param packages options that add its reader; empty where there is one
   */
  public static JobException lakeTable(String path, String kind, String where, String packages) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "%s is a table of %s: its log says which of its files count, and read one by one they also give rows that were deleted or replaced"
            .formatted(path, kind),
        where,
        "set curvature.input.path to this folder and format = %s%s; or name the table of a catalog with curvature.input.table"
            .formatted(
                kind.toLowerCase(Locale.ROOT),
                packages.isEmpty() ? "" : ", and add its reader (" + packages + ")"));
  }

  /**
   * Values of the response that its family cannot take.
   *
   * @param rows how many rows have one
   * @param values some of them
   */
  public static JobException outsideSupport(
      long rows, String support, String values, String family) {
    return ofFormula(
        "%,d row%s a response that is not %s, such as %s"
            .formatted(rows, rows == 1 ? " has" : "s have", support, values),
        "the family %s takes no such values: leave the rows out with input.where, or take another family"
            .formatted(family));
  }

  /**
   * Events of durations that are neither 0 nor 1.
   *
   * @param rows how many rows have one
   * @param value one of them
   */
  public static JobException events(long rows, String value) {
    return ofFormula(
        "%,d row%s an event that is neither 1 (observed) nor 0 (censored), such as %s"
            .formatted(rows, rows == 1 ? " has" : "s have", value),
        "write what the event is as a comparison, such as surv(time, status = 2)");
  }

  /** A column of a formula without a value in any row. */
  public static JobException noValue(String column) {
    return ofFormula("no row has a value of " + column, "leave it out of the formula");
  }

  /**
   * What has to be a number, and is none in any row.
   *
   * @param value one that there is
   */
  public static JobException noNumber(String column, String value) {
    return ofFormula(
        "no row has a number in %s, which holds such as %s".formatted(column, value),
        "write an expression that gives a number, such as a comparison: %s = '%s'"
            .formatted(column, value));
  }

  /** Columns of a formula, of which one or another has no value in each row. */
  public static JobException noCompleteRow(String columns) {
    return ofFormula(
        "each row lacks a value of at least one of " + columns,
        "leave out of the formula what most rows lack");
  }

  /** An array that is a term of a formula, of which rows have more or fewer numbers. */
  public static JobException raggedArray(String term, int shortest, int longest) {
    String shown = PublicText.maskedExpression(term);
    return ofFormula(
        "'%s' has arrays of %,d to %,d numbers, and each element is a coefficient"
            .formatted(shown, shortest, longest),
        "take elements of it, such as %1$s[0], or the rows of one length: input.where = \"size(%1$s) = %2$d\""
            .formatted(shown, longest));
  }

  /** An array that is a term of a formula, without numbers. */
  public static JobException emptyArray(String term) {
    return ofFormula(
        "'%s' has arrays of no numbers".formatted(PublicText.maskedExpression(term)),
        "leave it out of the formula");
  }

  /**
   * An array that is a term of a formula, too long for a coefficient of each element.
   *
   * @param most elements
   */
  public static JobException longArray(String term, int length, int most) {
    return ofFormula(
        "'%s' has arrays of %,d numbers, and as a term %,d at most"
            .formatted(PublicText.maskedExpression(term), length, most),
        "write a loss by hand, which reads the array as a tensor");
  }

  /** A categorical column, or a response, whose levels do not suit a formula. */
  public static JobException levels(String what, String remedy) {
    return ofFormula(what, remedy);
  }

  private static JobException ofFormula(String what, String remedy) {
    return new JobException(ExitCode.DATA, what, "curvature.model.formula", remedy);
  }

  /**
   * Files whose names call for different readers.
   *
   * @param formats the readers, each with a file
   */
  public static JobException severalFormats(String paths, Map<String, String> formats) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the names of the files at %s call for different readers: %s"
            .formatted(
                paths,
                formats.entrySet().stream()
                    .map(format -> format.getKey() + " (" + format.getValue() + ")")
                    .collect(Collectors.joining(", "))),
        "curvature.input.format",
        "set it, and give a pattern of the files that are meant, such as *.csv");
  }

  // ---------------------------------------------------------------- a first look

  /** A column that is to be modelled, and cannot. */
  public static JobException noResponse(String column, String reason) {
    return new JobException(
        ExitCode.DATA,
        column + " cannot be a response: " + reason,
        "--response",
        "name a column of numbers, or of text of a few levels");
  }

  /**
   * A table of which no column can be modelled.
   *
   * @param columns each with the reason
   */
  public static JobException nothingToModel(List<String> columns) {
    List<String> shown = columns.subList(0, Math.min(LISTED_COLUMNS, columns.size()));
    return new JobException(
        ExitCode.DATA,
        "none of the columns can be modelled:\n  "
            + String.join("\n  ", shown)
            + (shown.size() < columns.size()
                ? "\n  and %d more".formatted(columns.size() - shown.size())
                : ""),
        "curvature.input",
        "name the response with --response where that is wrong; otherwise take another table");
  }

  /** A response that does not vary in the rows that can be used. */
  public static JobException constantResponse(String column, String rows) {
    return new JobException(
        ExitCode.DATA,
        "%s has one value in the %s that can be used".formatted(column, rows),
        "curvature.input",
        "name another response with --response");
  }

  /** A table whose every line is malformed. */
  public static JobException noLineFits(String input, String lines) {
    return new JobException(
        ExitCode.DATA,
        "none of the %s of %s fits its header".formatted(lines, input),
        "curvature.input",
        "say how the file is laid out, as in --set 'input.options.sep=\";\"'");
  }
}
