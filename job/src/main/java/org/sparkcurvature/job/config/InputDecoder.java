package org.sparkcurvature.job.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Shape;

/** Decodes the block {@code input}. */
final class InputDecoder {

  /** From here on the time in which Spark plans columns is worth a word. */
  private static final int MANY_COLUMNS = 20_000;

  private InputDecoder() {}

  /**
   * @param formula whether the tensors come of a formula, so that none need be there
   */
  static InputConfig decode(Block input, boolean formula) {
    InputSource source = source(input);
    Map<String, TensorConfig> tensors = tensors(input, formula);
    Optional<String> weight = input.text("weight");
    Optional<String> id = input.text("id");
    List<String> carry = distinct(input, "carry");
    Optional<String> where = input.text("where");
    OptionalLong limit =
        input
            .find("limit")
            .flatMap(setting -> setting.whole(1, Long.MAX_VALUE))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty());
    InvalidRows invalidRows = input.choice("invalid-rows", InvalidRows.values());
    Acceptance acceptance =
        new Acceptance(
            share(input, "max-rejected"),
            input.choice("on-empty", OnEmpty.values()),
            input.choice("missing", Missing.values()),
            input.choice("missing-path", MissingPath.values()));
    long partitionSize = input.bytes("partition-size");
    Nondeterministic nondeterministic =
        input.flag("allow-nondeterministic") ? Nondeterministic.ALLOWED : Nondeterministic.REFUSED;
    input.end();
    return new InputConfig(
        source,
        tensors,
        weight,
        id,
        carry,
        where,
        limit,
        invalidRows,
        acceptance,
        partitionSize,
        Map.of(),
        nondeterministic);
  }

  /** A number from 0 to 1; 1 after a problem. */
  private static double share(Block input, String key) {
    Optional<Setting> found = input.find(key);
    Optional<Double> share = found.flatMap(Setting::number);
    if (share.isPresent() && !(share.get() >= 0 && share.get() <= 1)) {
      found.get().wrong("a share, from 0 to 1");
    }
    return share.orElse(1.0);
  }

  private static InputSource source(Block input) {
    Optional<Setting> path = input.find("path");
    Optional<Setting> table = input.find("table");
    Optional<Setting> sql = input.find("sql");
    Optional<Setting> format = input.find("format");
    Map<String, String> options = options(input);
    List<Setting> given = new ArrayList<>();
    path.ifPresent(given::add);
    table.ifPresent(given::add);
    sql.ifPresent(given::add);
    if (given.isEmpty()) {
      input.require("path", "say where the rows are: path = \"data.csv\", or table, or sql");
    } else if (given.size() > 1) {
      given
          .get(1)
          .problem(
              given.stream().map(Setting::path).collect(Collectors.joining(" and "))
                  + " are both there, but rows come from one of them",
              "keep one (null in a later --config or --set removes the other)");
    }
    if (path.isEmpty() && !given.isEmpty()) {
      // What another file says of the paths that were replaced here counts no more.
      format
          .filter(Setting::written)
          .filter(given.get(0)::isBeside)
          .ifPresent(setting -> withoutFiles(setting, given.get(0)));
      input
          .find("options")
          .filter(o -> !options.isEmpty())
          .filter(given.get(0)::isBeside)
          .ifPresent(o -> withoutFiles(o, given.get(0)));
    }
    if (table.isPresent()) {
      return new InputSource.Table(table.get().text().orElse(""));
    }
    if (sql.isPresent()) {
      return new InputSource.Query(sql.get().text().orElse(""));
    }
    List<String> paths = path.map(Setting::texts).orElse(List.of());
    path.filter(p -> p.isList() && p.elements().isEmpty())
        .ifPresent(p -> p.problem("is an empty list", "name at least one file, folder or glob"));
    String reader =
        input
            .require("format", "name the reader: auto, csv, parquet, orc, json, libsvm, ...")
            .flatMap(Setting::text)
            .orElse("");
    return new InputSource.Files(paths, reader, options);
  }

  private static void withoutFiles(Setting setting, Setting source) {
    setting.problem(
        "says how files are read, but the rows come from " + source.path(),
        "leave it out, or give path instead of " + source.path());
  }

  /** HOCON reads {@code a.b = 1} as a block in a block; a reader's option is one dotted name. */
  private static Map<String, String> options(Block input) {
    Map<String, String> options = new TreeMap<>();
    flatten("", input.block("options"), options);
    return options;
  }

  private static void flatten(String prefix, Block block, Map<String, String> options) {
    block
        .entries()
        .forEach(
            (key, setting) -> {
              String name = Decoding.join(prefix, key);
              if (setting.isBlock()) {
                flatten(name, setting.block(), options);
              } else if (!setting.isScalar()) {
                setting.wrong("text, a number, true or false");
              } else {
                options.put(name, setting.raw());
              }
            });
  }

  private static Map<String, TensorConfig> tensors(Block input, boolean formula) {
    Map<String, TensorConfig> tensors = new LinkedHashMap<>();
    Block block = input.block("tensors");
    Map<String, Setting> entries = block.entries();
    Map<String, Setting> encodings = input.block("encode").entries();
    if (entries.isEmpty() && encodings.isEmpty() && block.present() && !formula) {
      input
          .decoding()
          .problem(
              input.path("tensors"),
              "names no tensor",
              "name what the loss uses, as in tensors { x = [age, income], y = visits }");
    }
    entries.forEach((name, setting) -> tensors.put(name, tensor(setting)));
    encodings.forEach((name, setting) -> tensors.put(name, encoding(name, setting)));
    return tensors;
  }

  private static TensorConfig tensor(Setting setting) {
    if (setting.isList()) {
      return elements(setting, Optional.empty());
    }
    if (!setting.isBlock()) {
      return new TensorConfig.Single(setting.text().orElse(""), Optional.empty());
    }
    Block block = setting.block();
    Optional<Setting> column = block.require("column", "name a column or expression, or a list");
    Optional<Setting> shape = block.find("shape");
    Optional<Setting> levels = block.find("levels");
    TensorConfig.Unseen unseen = unseen(block);
    block.end();
    if (levels.isPresent()) {
      return encoded(column, shape, levels.get(), unseen);
    }
    Optional<Shape> known = shape.flatMap(Setting::shape);
    if (column.isPresent() && column.get().isList()) {
      return elements(column.get(), known);
    }
    return new TensorConfig.Single(column.flatMap(Setting::text).orElse(""), known);
  }

  private static TensorConfig encoded(
      Optional<Setting> column,
      Optional<Setting> shape,
      Setting levels,
      TensorConfig.Unseen unseen) {
    List<String> texts = levels(levels);
    shape.ifPresent(
        given -> given.problem("is there, and a code of levels is a scalar", "leave it out"));
    return new TensorConfig.Encoded(
        column.flatMap(Setting::text).orElse(""), texts, Optional.empty(), unseen);
  }

  /** An entry of {@code encode}: a column by its name, unless it is said which. */
  private static TensorConfig encoding(String name, Setting setting) {
    if (!setting.isBlock()) {
      setting.problem(
          "is no block", "write %s {}, or %s { levels = [a, b] }".formatted(name, name));
      return new TensorConfig.Encoded(
          name, List.of(), Optional.empty(), TensorConfig.Unseen.INVALID);
    }
    Block block = setting.block();
    String column = block.text("column").orElse(name);
    Optional<Setting> levels = block.find("levels");
    Optional<Setting> reference = block.find("reference");
    TensorConfig.Unseen unseen = unseen(block);
    block.end();
    List<String> texts = levels.map(InputDecoder::levels).orElse(List.of());
    Optional<String> first = reference.flatMap(Setting::text);
    reference
        .filter(given -> !texts.isEmpty() && first.isPresent() && !texts.contains(first.get()))
        .ifPresent(
            given ->
                given.problem(
                    "names %s, which is none of its levels".formatted(first.orElseThrow()),
                    "name one of " + String.join(", ", texts)));
    return new TensorConfig.Encoded(column, texts, first, unseen);
  }

  private static TensorConfig.Unseen unseen(Block block) {
    return block
        .find("unseen")
        .flatMap(chosen -> chosen.choice(TensorConfig.Unseen.values()))
        .orElse(TensorConfig.Unseen.INVALID);
  }

  /** Texts, none twice. */
  static List<String> levels(Setting setting) {
    List<Setting> each = setting.isList() ? setting.elements() : List.of(setting);
    if (!each.stream().allMatch(Setting::isScalar)) {
      setting.problem("is no list of texts", "name its levels: [north, east]");
      return List.of();
    }
    List<String> texts = each.stream().map(Setting::raw).toList();
    if (new HashSet<>(texts).size() < texts.size()) {
      setting.problem("names a level twice", "name each level once");
    }
    if (texts.isEmpty()) {
      setting.problem("is an empty list", "name its levels");
    }
    return texts;
  }

  private static TensorConfig elements(Setting list, Optional<Shape> shape) {
    List<String> columns = list.texts();
    int count = list.elements().size();
    if (count == 0) {
      list.problem("is an empty list", "name at least one column or expression");
      return new TensorConfig.Elements(columns, shape.orElse(Shape.SCALAR));
    }
    if (shape.isPresent() && shape.get().size() != count) {
      list.problem(
          "lists %d columns for the shape %s of %d elements"
              .formatted(count, shape.get(), shape.get().size()),
          "make their numbers equal");
    }
    if (count > MANY_COLUMNS) {
      list.warn(
          "lists %,d columns, each of which Spark plans by itself: expect a minute for 100,000 before the first row; one array column has as many elements at no such cost"
              .formatted(count));
    }
    return new TensorConfig.Elements(columns, shape.orElse(Shape.of(count)));
  }

  /** Texts of a list in which none may be twice. */
  static List<String> distinct(Block block, String key) {
    List<String> texts = block.texts(key);
    Set<String> seen = new HashSet<>();
    for (String text : texts) {
      if (!seen.add(text)) {
        block.find(key).ifPresent(list -> list.problem("names " + text + " twice", "name it once"));
      }
    }
    return texts.stream().distinct().toList();
  }
}
