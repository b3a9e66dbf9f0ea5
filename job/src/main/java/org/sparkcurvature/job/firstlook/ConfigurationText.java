package org.sparkcurvature.job.firstlook;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;

/** A suggestion as a configuration with comments. */
final class ConfigurationText {
  private static final int MOST_NAME = 28;
  private static final int COMMENT_AT = 32;

  /** So many columns that are left out for one reason are named one by one. */
  private static final int LISTED = 60;

  private final Suggestion model;
  private final Config input;
  private final Config output;
  private final TreeSet<String> given = new TreeSet<>();
  private final Map<String, String> options;
  private final boolean isCsv;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param loaded what the user says of the input and the output
   * @param options of the reader that were found
   * @param isCsv whether the input is of CSV files
   */
  ConfigurationText(
      Suggestion model, LoadedConfiguration loaded, Map<String, String> options, boolean isCsv) {
    this.model = model;
    Config resolved = ConfigFactory.parseString(loaded.resolved()).getConfig("curvature");
    this.input = resolved.getConfig("input");
    this.output = resolved.getConfig("output");
    this.options = new TreeMap<>(options);
    model.marker().ifPresent(text -> this.options.put("nullValue", text));
    this.isCsv = isCsv;
    loaded.locations().keySet().stream()
        .map(path -> path.split("\\.", 3))
        .filter(path -> path.length > 1)
        .forEach(path -> given.add(path[0] + "." + path[1]));
  }

  String text() {
    body();
    List<String> all = new ArrayList<>();
    if (lines.stream().anyMatch(ConfigurationText::isIncomplete)) {
      all.add(
          "# Fill in what stands masked or cut below: a secret is not written, better take a variable of the environment, ${NAME}.");
    }
    all.add(firstLine());
    all.add(
        "# Seen: %s, %s. Run it: deploy/spark-curvature estimate --config FILE"
            .formatted(
                Numbers.count(model.table().rows(), "row"),
                Numbers.count(model.table().names().size(), "column")));
    all.addAll(lines);
    return String.join("\n", all) + "\n";
  }

  /** Whether a line that counts is printed otherwise than it is. */
  private static boolean isIncomplete(String line) {
    return !line.isBlank()
        && !line.strip().startsWith("#")
        && (line.contains(PublicText.MASK) || !PublicText.line(line).equals(line));
  }

  private String firstLine() {
    return "# Response: %s, %s. init --response COLUMN takes another.%s"
        .formatted(
            name(model.response().column()),
            model.response().why(),
            model.predictors().isEmpty() ? " No other column can be a predictor: see below." : "");
  }

  private String name(int column) {
    return Terms.label(model.table().names().get(column));
  }

  private String term(int column) {
    return Terms.of(model.table().names().get(column));
  }

  private void body() {
    lines.add("");
    lines.add("curvature {");
    input();
    model();
    infer();
    output();
    lines.add("}");
  }

  // ---- input

  private void input() {
    lines.add("  input {");
    for (String key : List.of("path", "table", "sql", "format")) {
      if (given.contains("input." + key)) {
        setting(key, input.getValue(key), "");
      }
    }
    options();
    for (String setting : given) {
      String key = setting.substring(setting.indexOf('.') + 1);
      if (setting.startsWith("input.")
          && !List.of("path", "table", "sql", "format", "options").contains(key)) {
        setting(key, input.getValue(ConfigUtil.quoteString(key)), "");
      }
    }
    invalidRows();
    IntStream.range(0, model.table().names().size())
        .filter(k -> isUniqueIdentifier(k) && !given.contains("input.id"))
        .limit(1)
        .forEach(
            k ->
                keyed(
                    "# id = " + quoted(model.table().names().get(k)),
                    "by which predict and influence name rows"));
    lines.add("  }");
  }

  private boolean isUniqueIdentifier(int column) {
    return NameWords.isIdentifier(model.table().names().get(column))
        && Roles.isWritable(model.table().names().get(column))
        && model.table().missing(column) == 0
        && model.table().look(column).distinct().areUnique();
  }

  private void options() {
    ConfigObject all = input.getObject("options");
    for (Map.Entry<String, String> option : options.entrySet()) {
      all = all.withValue(option.getKey(), ConfigValueFactory.fromAnyRef(option.getValue()));
    }
    if (!all.isEmpty()) {
      List<String> comments = new ArrayList<>();
      if (options.containsKey("header")) {
        comments.add("the first line names the columns");
      }
      if (options.containsKey("nullValue")) {
        comments.add(PublicText.label(options.get("nullValue")) + " stands for no value");
      }
      setting("options", all, String.join("; ", comments));
    } else if (isCsv) {
      keyed(
          "# options { header = true }",
          "if the first line names the columns: it seems to hold values");
    }
  }

  private void invalidRows() {
    long left = model.table().rows() + model.table().corrupt() - model.rows();
    if (left > 0 && !given.contains("input.invalid-rows")) {
      keyed(
          "invalid-rows = drop",
          "left out: %s of %s, which %s%s"
              .formatted(
                  Numbers.count(left),
                  Numbers.count(model.table().rows() + model.table().corrupt(), "row"),
                  model.rows() < model.table().rows() ? "lack a value of the model" : "",
                  model.table().corrupt() == 0
                      ? ""
                      : (model.rows() < model.table().rows() ? ", or " : "")
                          + "do not fit the header"));
    }
  }

  // ---- model

  private void model() {
    lines.add("  model {");
    int width =
        Math.min(
            MOST_NAME,
            IntStream.range(0, model.table().names().size())
                .map(k -> name(k).length())
                .max()
                .orElse(1));
    lines.add("    # Response");
    column(
        width,
        model.response().column(),
        model.role(model.response().column()).seen() + "; " + model.facts());
    model
        .response()
        .event()
        .ifPresent(
            k ->
                column(
                    width,
                    k,
                    "%s; %d: the end was observed, %d: it was not yet"
                        .formatted(
                            model.role(k).seen(), isOneOrTwo(k) ? 2 : 1, isOneOrTwo(k) ? 1 : 0)));
    if (!model.predictors().isEmpty()) {
      lines.add("    # Predictors");
      model.predictors().forEach(k -> column(width, k, model.role(k).seen()));
    }
    leftOut(width);
    lines.add("    formula = " + FormulaText.of(response(), terms()));
    keyed("family = " + model.family().hocon(), model.family().why());
    if (model.family().hocon().equals("binomial") && model.isCategory(model.response().column())) {
      List<String> levels = model.table().look(model.response().column()).levels().texts();
      keyed(
          "# response { levels = [%s, %s] }"
              .formatted(quoted(levels.get(1)), quoted(levels.get(0))),
          "the odds of " + PublicText.label(levels.get(0)) + " instead");
    }
    if (model.family().hocon().equals("ordered") && model.isCategory(model.response().column())) {
      keyed(
          model.table().look(model.response().column()).levels().texts().stream()
              .map(ConfigurationText::quoted)
              .collect(Collectors.joining(", ", "response { levels = [", "] }")),
          "here by letter: put them in order, the lowest first");
    }
    keyed(
        "collinear = drop",
        "columns that others determine are held at 0, and named; fail: the run ends");
    lines.add("  }");
  }

  private void leftOut(int width) {
    List<String> ambiguous = model.table().ambiguous();
    if (model.leftOut().isEmpty() && ambiguous.isEmpty()) {
      return;
    }
    lines.add("    # Left out");
    if (!ambiguous.isEmpty()) {
      lines.add(
          "    #   %s: Spark does not tell their names apart"
              .formatted(Names.first(10, ambiguous.stream().map(Terms::label).toList())));
    }
    Map<String, List<Integer>> further = new TreeMap<>();
    int listed = 0;
    for (Map.Entry<Integer, Suggestion.LeftOut> entry : model.leftOut().entrySet()) {
      String reason = entry.getValue().reason();
      if (entry.getValue().isOwn() && listed < LISTED) {
        listed++;
        column(width, entry.getKey(), model.role(entry.getKey()).seen() + ": " + reason);
      } else {
        further.computeIfAbsent(reason, key -> new ArrayList<>()).add(entry.getKey());
      }
    }
    further.forEach(
        (reason, columns) ->
            lines.add(
                "    #   %s: %s"
                    .formatted(
                        Names.first(10, columns.stream().map(this::name).toList()), reason)));
  }

  private void column(int width, int column, String text) {
    lines.add(("    #   %-" + width + "s  %s").formatted(name(column), text.replace('\n', ' ')));
  }

  /** Whether an event is coded as R's lung has it. */
  private boolean isOneOrTwo(int event) {
    return model.table().look(event).least() == 1;
  }

  private String response() {
    String response = term(model.response().column());
    if (model.response().event().isPresent()) {
      int event = model.response().event().getAsInt();
      String observed = isOneOrTwo(event) ? term(event) + " - 1" : term(event);
      return "surv(%s, %s)".formatted(response, observed);
    }
    return model.family().isSecond()
        ? "double(%s = %s)".formatted(response, sql(model.table().look(model.response().column())))
        : response;
  }

  private static String sql(ColumnLook look) {
    return look.areWhole()
        ? new BigDecimal(look.greatest()).toPlainString()
        : Double.toString(look.greatest());
  }

  private List<String> terms() {
    return model.predictors().stream().map(this::term).toList();
  }

  // ---- infer and output

  private void infer() {
    lines.add("  infer {");
    keyed("covariance = HC1", "robust: errors that hold also where the family's variance is wrong");
    keyed("# covariance = HC0", "without the factor n/(n-k)");
    keyed("# covariance = nonrobust", "where the family is to be trusted");
    IntStream.range(0, model.table().names().size())
        .filter(k -> NameWords.isIdentifier(model.table().names().get(k)))
        .filter(k -> Roles.isWritable(model.table().names().get(k)))
        .filter(k -> !model.table().look(k).distinct().areUnique())
        .limit(3)
        .forEach(
            k ->
                keyed(
                    "# covariance = cluster, groups = " + quoted(term(k)),
                    "where rows of one %s depend on each other".formatted(name(k))));
    lines.add("  }");
  }

  private void output() {
    lines.add("  output {");
    setting("path", output.getValue("path"), "");
    if (given.contains("output.mode")) {
      setting("mode", output.getValue("mode"), "");
    } else {
      keyed("mode = overwrite", "replaces an earlier result there, and nothing else");
    }
    if (given.contains("output.format")) {
      setting("format", output.getValue("format"), "");
    }
    lines.add("  }");
  }

  private void setting(String key, ConfigValue value, String comment) {
    if (value instanceof ConfigObject block) {
      keyed(
          key
              + block.entrySet().stream()
                  .sorted(Map.Entry.comparingByKey())
                  .map(entry -> rendered(entry.getKey()) + " = " + rendered(entry.getValue()))
                  .collect(Collectors.joining(", ", " { ", " }")),
          comment);
    } else if (value instanceof ConfigList list && list.size() > 1) {
      lines.add("    " + key + " = [");
      list.forEach(element -> lines.add("      " + rendered(element)));
      lines.add("    ]");
    } else {
      keyed(key + " = " + rendered(value), comment);
    }
  }

  private static String rendered(ConfigValue value) {
    return value.unwrapped() instanceof String text && text.matches("true|false")
        ? text
        : PublicText.escaped(
            value.render(ConfigRenderOptions.concise().setJson(false).setFormatted(false)));
  }

  private static String rendered(String key) {
    return key.matches("[A-Za-z_]\\w*") ? key : quoted(key);
  }

  private void keyed(String text, String comment) {
    lines.add(
        comment.isEmpty()
            ? "    " + text
            : ("    %-" + (COMMENT_AT - 4) + "s # %s").formatted(text, comment));
  }

  private static String quoted(String text) {
    return PublicText.escaped(ConfigUtil.quoteString(text));
  }
}
