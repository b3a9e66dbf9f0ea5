package org.sparkcurvature.job.cli;

import java.util.List;

/**
 * What a command takes, as it is typed and explained.
 *
 * @param operands what is typed beside options, as the first line of the help has it
 * @param options in the order of the help
 */
record Syntax(String operands, List<Taken> options) {

  /** Every command takes these. */
  static final Taken HELP = new Taken("help", "h", "", true, "print this help, and nothing else");

  static final Taken VERSION =
      new Taken(
          "version", "V", "", true, "print the versions of this program and of what it stands on");

  static final Taken CONFIG =
      Taken.each(
          "config",
          "FILE",
          "configuration (HOCON): a path or any Hadoop URI; of several, later ones win");

  static final Taken FROM =
      Taken.one(
          "from",
          "FOLDER",
          "an earlier result: its model, parameters and covariance; --config and --set win over"
              + " them. Without them the result goes to FOLDER-COMMAND");

  static final Taken SET =
      Taken.each(
          "set",
          "path=value",
          "one setting, without the root: derive.reduction=sum; the value is HOCON and wins over"
              + " files");

  static final Taken SHOW =
      Taken.each(
          "show",
          "PART[,PART]",
          "print more: hessian, rows, all; of check: graph, formulas, steps, differences");

  static final Taken QUIET = Taken.flag("quiet", "print the result and errors, nothing else");

  static final Taken JSON =
      Taken.flag(
          "json", "print one JSON object on standard output, on errors too, and no text there");

  static final Taken COLOR = Taken.one("color", "WHEN", "bold headings: auto, always, never");

  static final Taken DEBUG =
      Taken.flag("debug", "print each stage, and the stack trace of an error");

  static final Taken TABLE =
      Taken.one("table", "NAME", "the table: one of the catalogue, such as db.t");

  static final Taken SQL = Taken.one("sql", "QUERY", "the table: the rows of a query");

  static final Taken RESPONSE =
      Taken.one(
          "response",
          "COLUMN",
          "what is modelled; by default the likeliest column, which the first line names");

  static final Taken FAMILY =
      Taken.one(
          "family", "NAME", "a family of conf/families.conf; by default as the response suggests");

  private static final Taken INPUT =
      Taken.each(
          "set", "path=value", "a setting of input or output, such as input.options.sep=\";\"");

  /** What is computed from a configuration. */
  static final Syntax JOB =
      new Syntax("", List.of(CONFIG, SET, FROM, SHOW, QUIET, JSON, COLOR, DEBUG, HELP, VERSION));

  static final Syntax COMPARE =
      new Syntax("FOLDER FOLDER...", List.of(SHOW, QUIET, JSON, COLOR, DEBUG, HELP, VERSION));

  static final Syntax INIT =
      new Syntax("[PATH]...", List.of(TABLE, SQL, RESPONSE, FAMILY, INPUT, DEBUG, HELP, VERSION));

  /** What is typed without a command. */
  static final Syntax PROGRAM = new Syntax("COMMAND", List.of(HELP, VERSION));

  /**
   * An option.
   *
   * @param name without the dashes
   * @param letter that stands for it behind one dash; empty: none
   * @param value what its value is called; empty: it has none
   * @param repeated whether it may be given more than once
   * @param text for the help
   */
  record Taken(String name, String letter, String value, boolean repeated, String text) {
    static Taken flag(String name, String text) {
      return new Taken(name, "", "", true, text);
    }

    static Taken one(String name, String value, String text) {
      return new Taken(name, "", value, false, text);
    }

    static Taken each(String name, String value, String text) {
      return new Taken(name, "", value, true, text);
    }

    boolean hasValue() {
      return !value.isEmpty();
    }

    /** As it is typed: {@code --config}. */
    String typed() {
      return "--" + name;
    }
  }
}
