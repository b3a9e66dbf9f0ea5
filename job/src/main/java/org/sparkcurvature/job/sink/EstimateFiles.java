package org.sparkcurvature.job.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.report.Digits;

/** The table of estimates for spreadsheets and papers. */
final class EstimateFiles {
  /** What a spreadsheet takes for a formula at the beginning of a cell. */
  private static final Pattern RUNS = Pattern.compile("^[=+\\-@\\t\\r].*", Pattern.DOTALL);

  private static final Pattern TO_QUOTE = Pattern.compile("[\",\\r\\n]");

  private EstimateFiles() {}

  /** The name of the file of a form. */
  static String name(InferConfig.TableForm form) {
    return switch (form) {
      case CSV -> "estimates.csv";
      case LATEX -> "estimates.tex";
      case MARKDOWN -> "estimates.md";
    };
  }

  /** Its content. */
  static String text(InferConfig.TableForm form, InferSummary summary) {
    return switch (form) {
      case CSV -> csv(summary);
      case LATEX -> latex(summary);
      case MARKDOWN -> markdown(summary);
    };
  }

  // ---------------------------------------------------------------- numbers for programs

  /**
   * As RFC 4180 has it, numbers at full precision with a point; those that there are not are empty.
   */
  private static String csv(InferSummary summary) {
    List<String> columns =
        new ArrayList<>(
            List.of(
                "name",
                "parameter",
                "index",
                "estimate",
                "std_error",
                "z",
                "p",
                "ci_low",
                "ci_high"));
    boolean exp = summary.settings().transform() == InferConfig.TableTransform.EXP;
    if (exp) {
      columns.addAll(List.of("exp", "exp_ci_low", "exp_ci_high"));
    }
    StringBuilder text = new StringBuilder(String.join(",", columns)).append("\r\n");
    for (Estimate e : summary.estimates()) {
      Stream<String> cells =
          Stream.of(
              cell(e.name()),
              cell(e.parameter()),
              String.valueOf(e.index()),
              number(e.estimate()),
              number(e.stdError()),
              number(e.z()),
              number(e.p()),
              number(e.ciLow()),
              number(e.ciHigh()));
      if (exp) {
        boolean has = summary.hasExp(e);
        cells =
            Stream.concat(
                cells,
                Stream.of(e.estimate(), e.ciLow(), e.ciHigh())
                    .map(value -> has ? number(Math.exp(value)) : ""));
      }
      text.append(cells.collect(Collectors.joining(","))).append("\r\n");
    }
    return text.toString();
  }

  /** A text that no spreadsheet runs. */
  private static String cell(String text) {
    String harmless = RUNS.matcher(text).matches() ? "'" + text : text;
    return TO_QUOTE.matcher(harmless).find()
        ? '"' + harmless.replace("\"", "\"\"") + '"'
        : harmless;
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }

  // ---------------------------------------------------------------- texts for people

  private static List<String> headings(InferSummary summary) {
    String statistic = summary.degreesOfFreedom().isPresent() ? "t" : "z";
    return List.of(
        "",
        "estimate",
        "std. err.",
        statistic,
        "p",
        Digits.brief(100 * summary.settings().level()) + "% from",
        "to");
  }

  /** Digits by the standard error. */
  private static List<String> numbers(Estimate e) {
    return List.of(
        Digits.withError(e.estimate(), e.stdError()),
        Digits.error(e.stdError()),
        Digits.statistic(e.z()),
        Digits.probability(e.p()),
        Digits.withError(e.ciLow(), e.stdError()),
        Digits.withError(e.ciHigh(), e.stdError()));
  }

  private static String markdown(InferSummary summary) {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", headings(summary))).append(" |\n");
    text.append("| --- |").append(" ---: |".repeat(headings(summary).size() - 1)).append("\n");
    for (Estimate e : summary.estimates()) {
      text.append("| ")
          .append(markdown(e.name()))
          .append(" | ")
          .append(String.join(" | ", numbers(e)))
          .append(" |\n");
    }
    return text.toString();
  }

  private static String markdown(String name) {
    return name.replaceAll("([\\\\`*_{}\\[\\]<>|#~])", "\\\\$1").replaceAll("[\\r\\n]+", " ");
  }

  private static String latex(InferSummary summary) {
    List<String> headings = headings(summary);
    StringBuilder text = new StringBuilder("% needs \\usepackage{booktabs}\n");
    text.append("\\begin{tabular}{l").append("r".repeat(headings.size() - 1)).append("}\n");
    text.append("\\toprule\n");
    text.append(headings.stream().map(EstimateFiles::latex).collect(Collectors.joining(" & ")))
        .append(" \\\\\n\\midrule\n");
    for (Estimate e : summary.estimates()) {
      text.append(latex(e.name()))
          .append(" & ")
          .append(numbers(e).stream().map(EstimateFiles::math).collect(Collectors.joining(" & ")))
          .append(" \\\\\n");
    }
    return text.append("\\bottomrule\n\\end{tabular}\n").toString();
  }

  /** A number with its sign and exponent as LaTeX sets them. */
  private static String math(String number) {
    return "$"
        + number.replaceAll("e([+-]?)0*(\\d+)$", " \\\\times 10^{$1$2}").replace("^{+", "^{")
        + "$";
  }

  private static String latex(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int k = 0; k < text.length(); k++) {
      char c = text.charAt(k);
      escaped.append(
          switch (c) {
            case '\\' -> "\\textbackslash{}";
            case '~' -> "\\textasciitilde{}";
            case '^' -> "\\textasciicircum{}";
            case '&', '%', '$', '#', '_', '{', '}' -> "\\" + c;
            case '\n', '\r', '\t' -> " ";
            default -> String.valueOf(c);
          });
    }
    return escaped.toString();
  }
}
