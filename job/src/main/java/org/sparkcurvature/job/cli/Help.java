package org.sparkcurvature.job.cli;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.report.Paragraph;
import org.sparkcurvature.job.report.View;

/** What {@code --help} prints. */
final class Help {
  private static final String PROGRAM = "spark-curvature";

  /** As people type it from the folder of the program. */
  private static final String EXAMPLE = "  deploy/" + PROGRAM + " ";

  private static final List<String> EXIT_CODES =
      List.of(
          "done",
          "a defect of this program",
          "wrong use or configuration, existing or unwritable output; nothing was started",
          "the data broke the contract of the configuration",
          "no numerical answer",
          "the cluster failed");

  private Help() {}

  /** That of the program. */
  static List<String> ofProgram() {
    List<String> lines = new ArrayList<>();
    lines.add("Usage: " + PROGRAM + " COMMAND [OPTION]...");
    lines.add("");
    lines.add("Exact gradients, Hessians and Jacobians of losses over Spark tables.");
    lines.add("");
    lines.add("Commands:");
    Commands.all()
        .values()
        .forEach(row -> lines.addAll(Paragraph.field(row.name(), row.text(), 13, View.USUAL)));
    lines.add("");
    lines.add("Options, also of every command:");
    options(lines, Syntax.PROGRAM);
    lines.add("");
    lines.add("Exit codes:");
    for (int code = 0; code < EXIT_CODES.size(); code++) {
      lines.addAll(Paragraph.field(Integer.toString(code), EXIT_CODES.get(code), 6, View.USUAL));
    }
    example(lines, "derive --config conf/quickstart.conf");
    return lines;
  }

  /** That of a command. */
  static List<String> of(Commands.Row row) {
    List<String> lines = new ArrayList<>();
    String operands = row.syntax().operands();
    lines.add(
        "Usage: %s %s [OPTION]...%s"
            .formatted(PROGRAM, row.name(), operands.isEmpty() ? "" : " " + operands));
    lines.add("");
    lines.addAll(Paragraph.wrapped(row.text(), View.USUAL));
    lines.add("");
    options(lines, row.syntax());
    example(lines, row.example());
    return lines;
  }

  private static void example(List<String> lines, String example) {
    lines.add("");
    lines.add("Example:");
    lines.add(EXAMPLE + example);
  }

  private static void options(List<String> lines, Syntax syntax) {
    int width =
        syntax.options().stream().mapToInt(taken -> written(taken).length()).max().orElse(0);
    for (Syntax.Taken taken : syntax.options()) {
      lines.addAll(Paragraph.field(written(taken), taken.text(), width + 4, View.USUAL));
    }
  }

  private static String written(Syntax.Taken taken) {
    String letter = taken.letter().isEmpty() ? "    " : "-" + taken.letter() + ", ";
    return letter + taken.typed() + (taken.hasValue() ? "=" + taken.value() : "");
  }
}
