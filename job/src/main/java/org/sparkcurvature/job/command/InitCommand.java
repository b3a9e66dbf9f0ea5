package org.sparkcurvature.job.command;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.firstlook.FirstLook;
import org.sparkcurvature.job.formula.FormulaExpansion;

/** {@code init}: a configuration to begin with, from a first look at a table. */
public final class InitCommand {
  private static final String CONFIGURATION = ".conf";

  private final Terminal terminal;

  public InitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * What to look at.
   *
   * @param paths files, folders or globs; empty where there is a table or a query
   * @param table of the catalogue
   * @param sql a query
   */
  public record Table(List<String> paths, Optional<String> table, Optional<String> sql) {
    public Table {
      paths = List.copyOf(paths);
    }

    private String setting() {
      if (table.isPresent()) {
        return "input.table=" + ConfigUtil.quoteString(table.get());
      }
      return sql.map(text -> "input.sql=" + ConfigUtil.quoteString(text))
          .orElseGet(
              () ->
                  "input.path="
                      + (paths.size() == 1
                          ? ConfigUtil.quoteString(paths.get(0))
                          : paths.stream()
                              .map(ConfigUtil::quoteString)
                              .collect(Collectors.joining(", ", "[", "]"))));
    }

    /** A folder for results, by the name of the table. */
    private String output() {
      String name =
          table
              .map(text -> text.substring(text.lastIndexOf('.') + 1))
              .orElseGet(() -> paths.isEmpty() ? "query" : fileName(paths.get(0)))
              .replaceAll("[^\\p{L}\\p{N}_-]+", "-")
              .replaceAll("^-+|-+$", "");
      return "out/" + (name.isEmpty() ? "first" : name);
    }

    /** Without folders and endings, of which there may be two, as in {@code .csv.gz}. */
    private static String fileName(String path) {
      return path.replaceFirst("/+$", "")
          .replaceFirst("^.*/", "")
          .replaceFirst("(?<=.)(\\.[A-Za-z]\\w*){1,2}$", "");
    }
  }

  /**
   * Prints the configuration.
   *
   * @param response the column that is modelled
   * @param family the name of a family
   * @param settings {@code path=value}, of the blocks {@code input} and {@code output}
   * @throws RuntimeException what is wrong; nothing is printed then
   */
  public void run(
      Table table, Optional<String> response, Optional<String> family, List<String> settings) {
    Compatibility.check();
    refuseOthers(table, settings);
    List<String> all = new ArrayList<>();
    all.add("model.formula=\"y ~ 1\"");
    all.add("model.family=" + ConfigUtil.quoteString(family.orElse("gaussian")));
    all.add("output.path=" + ConfigUtil.quoteString(table.output()));
    all.add(table.setting());
    all.addAll(settings);
    LoadedConfiguration loaded =
        new ConfigurationLoader(new HadoopUriReader(Session::hadoop), terminal.environment())
            .load(List.of(), all, Purpose.INSPECTION);
    loaded.warnings().forEach(terminal::warning);
    // Whether there is such a family.
    FormulaExpansion.parse(loaded.configuration().model().formula().orElseThrow());
    terminal.progress("starting Spark");
    try (Session session = Session.open("init")) {
      terminal.progress("looking at the table");
      String text = FirstLook.configuration(session.spark(), loaded, response, family);
      terminal.out().print(text);
      terminal.out().flush();
    }
  }

  private static void refuseOthers(Table table, List<String> settings) {
    for (String path : table.paths()) {
      if (path.endsWith(CONFIGURATION)) {
        throw Errors.usage(
            path + " is a configuration, and init looks at a table",
            "name the table alone: the configuration goes to standard output, as in init data.csv > "
                + path);
      }
    }
    for (String setting : settings) {
      if (!setting.strip().startsWith("input.") && !setting.strip().startsWith("output.")) {
        throw Errors.usage(
            "--set " + setting + " is neither of input nor of output",
            "init takes settings of these two; write others into the configuration that it prints");
      }
    }
  }
}
