package org.sparkcurvature.job.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;

/**
 * How a CSV file is laid out, by its first lines: what separates the fields, whether the first line
 * names the columns, whether fields in quotes hold line ends.
 */
public final class CsvLayout {
  /** Where a line that does not fit the header is kept, among the columns of its table. */
  public static final String CORRUPT = Tables.CORRUPT;

  /** The likeliest first; a blank only where nothing else separates. */
  private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|', ' ');

  /** Bytes of the first file that are looked at. */
  private static final int LOOKED_AT = 1 << 22;

  private static final int MOST_LINES = 20;

  private CsvLayout() {}

  /**
   * The options with which Spark's reader takes the input's files for what they are; those that are
   * configured already are not among them.
   *
   * @return empty if the input is not of CSV files
   */
  public static Optional<Map<String, String>> options(SparkSession spark, InputConfig input) {
    if (!(input.source() instanceof InputSource.Files files)) {
      return Optional.empty();
    }
    org.apache.spark.sql.classic.SparkSession session =
        (org.apache.spark.sql.classic.SparkSession) spark;
    InputSource.Files read =
        files.isByName()
            ? new Tables(
                    session,
                    input.acceptance().missingPath(),
                    Optional.empty(),
                    new Repeatability(input.nondeterministic()))
                .named(files)
            : files;
    if (!read.format().equals("csv")) {
      return Optional.empty();
    }
    String beginning = "";
    String path = files.paths().get(0);
    try {
      beginning = beginning(new Path(path), session.sessionState().newHadoopConf());
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.inputNotReadable(path, "curvature.input.path", Failures.reason(e), e);
    }
    return Optional.of(options(beginning, files.options()));
  }

  /** The options for a file that begins with a text. */
  static Map<String, String> options(String beginning, Map<String, String> configured) {
    Optional<String> given = option(configured, "sep").or(() -> option(configured, "delimiter"));
    List<List<String>> records = List.of();
    char separator = ',';
    for (char candidate : given.map(text -> List.of(text.charAt(0))).orElse(SEPARATORS)) {
      List<List<String>> split = records(beginning, candidate);
      boolean suits = candidate != ' ' || agreement(records) == 0 && areAlike(split);
      // Of an empty file nothing is split, by any of them.
      boolean first = records.isEmpty() && !split.isEmpty();
      if (first || suits && agreement(split) > agreement(records)) {
        records = split;
        separator = candidate;
      }
    }
    Map<String, String> options = new LinkedHashMap<>();
    if (option(configured, "header").isEmpty() && namesColumns(records)) {
      options.put("header", "true");
    }
    if (given.isEmpty() && separator != ',') {
      options.put("sep", String.valueOf(separator));
    }
    boolean spans = records.stream().flatMap(List::stream).anyMatch(f -> f.indexOf('\n') >= 0);
    if (spans && option(configured, "multiLine").isEmpty()) {
      options.put("multiLine", "true");
    }
    return options;
  }

  private static Optional<String> option(Map<String, String> options, String name) {
    return options.entrySet().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(name) && !entry.getValue().isEmpty())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** How many records have as many fields as the first, if these are several. */
  private static long agreement(List<List<String>> records) {
    int fields = records.isEmpty() ? 0 : records.get(0).size();
    return fields < 2
        ? 0
        : records.stream().filter(record -> record.size() == fields).count() * 1000
            + Math.min(fields, 999);
  }

  private static boolean areAlike(List<List<String>> records) {
    return records.stream().map(List::size).distinct().count() == 1;
  }

  /**
   * Whether the first record is of names: it holds no number but years, or it holds a word above a
   * column of numbers.
   */
  private static boolean namesColumns(List<List<String>> records) {
    if (records.isEmpty()) {
      return false;
    }
    List<String> first = records.get(0);
    List<List<String>> others = records.subList(1, records.size());
    if (first.stream().filter(CsvLayout::isNumber).allMatch(CsvLayout::isYear)) {
      return first.stream().anyMatch(field -> !field.isBlank() && !isNumber(field));
    }
    for (int k = 0; k < first.size(); k++) {
      int at = k;
      boolean word = !first.get(k).isBlank() && !isNumber(first.get(k));
      if (word
          && !others.isEmpty()
          && others.stream().allMatch(record -> at < record.size() && isNumber(record.get(at)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isYear(String field) {
    return field.strip().matches("(19|20)\\d\\d");
  }

  private static boolean isNumber(String field) {
    return field.strip().matches("[+-]?(\\d+[.,]?\\d*|[.,]\\d+)([eE][+-]?\\d+)?");
  }

  /** The first records, of lines that end; fields in quotes may hold separators and line ends. */
  private static List<List<String>> records(String text, char separator) {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int k = 0; k < text.length() && records.size() < MOST_LINES; k++) {
      char c = text.charAt(k);
      boolean doubled = quoted && text.startsWith("\"\"", k);
      if (doubled) {
        field.append(c);
        k++;
      } else if (c == '"' && (quoted || field.toString().isBlank())) {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        record.add(field.toString());
        field.setLength(0);
      } else if (c == '\n' && !quoted) {
        record.add(field.toString());
        field.setLength(0);
        if (record.size() > 1 || !record.get(0).isBlank()) {
          records.add(record);
        }
        record = new ArrayList<>();
      } else if (c != '\r') {
        field.append(c);
      }
    }
    return records;
  }

  /** The beginning of the first file at a path, uncompressed; empty where there is none. */
  private static String beginning(Path path, Configuration configuration) throws IOException {
    FileSystem system = path.getFileSystem(configuration);
    Optional<FileStatus> file = first(system, Tables.matches(system, path));
    if (file.isEmpty()) {
      return "";
    }
    try (InputStream bytes = TextFiles.open(file.get().getPath(), configuration)) {
      byte[] read = bytes.readNBytes(LOOKED_AT);
      String text = new String(read, StandardCharsets.UTF_8);
      // A file that was read to its end may lack the last line's.
      return (text.startsWith("\ufeff") ? text.substring(1) : text)
          + (read.length < LOOKED_AT ? "\n" : "");
    }
  }

  private static Optional<FileStatus> first(FileSystem system, FileStatus[] found)
      throws IOException {
    FileStatus[] sorted = found.clone();
    Arrays.sort(sorted);
    for (FileStatus status : sorted) {
      if (FileNames.isHidden(status.getPath().getName())) {
        continue;
      }
      Optional<FileStatus> file =
          status.isDirectory()
              ? first(system, system.listStatus(status.getPath()))
              : Optional.of(status);
      if (file.isPresent()) {
        return file;
      }
    }
    return Optional.empty();
  }
}
