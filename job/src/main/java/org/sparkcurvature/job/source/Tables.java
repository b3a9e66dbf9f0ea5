package org.sparkcurvature.job.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.MissingPath;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.JobException;

/** Opens the tables that an input consists of. */
final class Tables {

  /** Where a line of a file that does not fit the header is kept. */
  static final String CORRUPT = "_corrupt_record";

  private static final String LIBSVM = "libsvm";

  /** The option of libsvm's reader that says how many features there are. */
  private static final String WIDTH = "numFeatures";

  /** The column of libsvm's reader that has a width. */
  static final String FEATURES = "features";

  /** Whether the width of the features follows the files: libsvm writes no zeros, nor how many. */
  static boolean hasOpenWidth(InputSource source) {
    return source instanceof InputSource.Files files
        && (files.format().equals(LIBSVM)
            || files.isByName()
                && files.paths().stream()
                    .anyMatch(path -> FileNames.format(path).equals(Optional.of(LIBSVM))))
        && option(files.options(), WIDTH).isEmpty();
  }

  private static final String GIVEN = "the data frame";

  /** Formats that Spark reads from files, so that what is at a path can be looked at beforehand. */
  private static final Set<String> FILES =
      Set.of("csv", "parquet", "orc", "json", "libsvm", "text", "avro", "xml");

  /** Columns of a CSV file that Spark's parser has room for; its own bound is 20,480. */
  private static final String MOST_COLUMNS = "1000000";

  /**
   * Formats that match columns by position, or take one path at a time: every file that a glob
   * matches is a table of its own.
   */
  private static final Set<String> BY_POSITION = Set.of("csv", "libsvm");

  /**
   * More matches of one glob than this are one table after all; then a CSV header that differs ends
   * the job.
   */
  private static final int SEPARATE = 1000;

  /**
   * Whether Parquet's reader asks for several ranges of a file at once. On a local file system that
   * takes longer than one after the other.
   */
  private static final String VECTORED = "parquet.hadoop.vectored.io.enabled";

  private static final Pattern UNESCAPED = Pattern.compile("\\\\(.)");

  /**
   * One table of the input.
   *
   * @param rows its rows, whole
   * @param described what a message calls it
   */
  record Table(Dataset<Row> rows, String described) {}

  private final SparkSession session;
  private final MissingPath missingPath;
  private final Optional<Integer> features;
  private final LakeTables lakes;
  private final Repeatability repeatability;

  /**
   * @param missingPath what paths mean at which there is nothing
   * @param features how many elements the column features has, where the configuration says so
   * @param repeatability refuses functions in queries and in the views that are read
   */
  Tables(
      SparkSession session,
      MissingPath missingPath,
      Optional<Integer> features,
      Repeatability repeatability) {
    this.session = session;
    this.features = features;
    this.missingPath = missingPath;
    this.lakes = new LakeTables(session.sessionState().newHadoopConf());
    this.repeatability = repeatability;
  }

  /** The tables of {@code source}, at least one, in its order. */
  List<Table> open(InputSource source) {
    if (source instanceof InputSource.Files files) {
      return files(files);
    }
    if (source instanceof InputSource.Table table) {
      Dataset<Row> rows = table(table.name());
      refuseLakes(rows, "curvature.input.table");
      repeatability.checkAll(rows, table.name(), "curvature.input.table");
      return List.of(new Table(rows, "table " + table.name()));
    }
    if (source instanceof GivenRows given) {
      return List.of(new Table(given(given), GIVEN));
    }
    String sql = ((InputSource.Query) source).sql();
    Dataset<Row> rows = query(sql);
    refuseLakes(rows, "curvature.input.sql");
    repeatability.checkAll(rows, sql, "curvature.input.sql");
    return List.of(new Table(rows, "the query"));
  }

  /** What messages call {@code source} as a whole. */
  static String describe(InputSource source) {
    if (source instanceof InputSource.Files files) {
      return String.join(", ", files.paths());
    }
    if (source instanceof GivenRows) {
      return GIVEN;
    }
    return source instanceof InputSource.Table table
        ? "table " + table.name()
        : "the query of curvature.input.sql";
  }

  /** A program's data frame in this session, which shares what the program has cached. */
  private Dataset<Row> given(GivenRows given) {
    Dataset<Row> rows = given.rows();
    if (rows.isStreaming() && given.reading() != GivenRows.Reading.ONCE) {
      throw Errors.configuration(
          "the data frame is streaming, and is never whole",
          "the data frame",
          "call it for each batch, in foreachBatch");
    }
    Dataset<Row> own =
        org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(
            session, rows.queryExecution().analyzed());
    // What is cached was computed once; an executor that is lost may compute its part again.
    if (!given.reading().isRepeatable()) {
      repeatability.checkGiven(own, GIVEN);
    }
    return own;
  }

  private Dataset<Row> table(String name) {
    try {
      return session.table(name);
    } catch (Exception e) {
      if (e instanceof AnalysisException analysis
          && "TABLE_OR_VIEW_NOT_FOUND".equals(analysis.getCondition())) {
        throw Errors.noSuchTable(name);
      }
      throw Errors.inputNotReadable(
          "table " + name, "curvature.input.table", Failures.reason(e), e);
    }
  }

  private Dataset<Row> query(String sql) {
    String where = "curvature.input.sql";
    try {
      session.sessionState().sqlParser().parseQuery(sql);
    } catch (Exception e) {
      throw Errors.expression(
          sql,
          where,
          e instanceof ParseException
              ? "it is not a query: " + Failures.reason(e)
              : Failures.reason(e),
          e);
    }
    try {
      return session.sql(sql);
    } catch (Exception e) {
      throw Errors.expression(sql, where, Failures.reason(e), e);
    }
  }

  private List<Table> files(InputSource.Files written) {
    InputSource.Files files = written.isByName() ? named(written) : written;
    List<Group> groups = new ArrayList<>();
    for (String path : files.paths()) {
      groups.addAll(
          FILES.contains(files.format()) || isPatternOfTables(path, files)
              ? groups(path, files)
              : List.of(new Group(path, List.of(path), true)));
    }
    if (groups.isEmpty()) {
      throw Errors.noRows(String.join(", ", files.paths()));
    }
    if (files.format().equals("csv")) {
      groups = sameHeaders(groups);
    }
    List<Table> tables =
        groups.stream().map(group -> new Table(load(group, files), group.described())).toList();
    tables.forEach(table -> refuseLakes(table.rows(), "curvature.input.path"));
    return tables;
  }

  /** The readers of lakes take folders as they are, and some of them names of tables. */
  private static boolean isPatternOfTables(String path, InputSource.Files files) {
    return LakeTables.Kind.ofFormat(files.format()).isPresent()
        && !LiteralPath.of(path).equals(path);
  }

  /** With the reader that the names of the files call for; CSV where they tell nothing. */
  InputSource.Files named(InputSource.Files files) {
    Map<String, String> formats = new TreeMap<>();
    for (String entry : files.paths()) {
      Path path = new Path(entry);
      try {
        FileSystem system = path.getFileSystem(session.sessionState().newHadoopConf());
        for (FileStatus match : matches(system, path)) {
          if (FileNames.isHidden(match.getPath().getName())) {
            continue; // such as _SUCCESS, which a pattern matches and nobody reads
          }
          Map<String, String> found =
              lakes
                  .around(match.getPath())
                  .filter(table -> hasReader(table.kind().format()))
                  .map(table -> Map.of(table.kind().format(), table.folder().getName()))
                  .orElse(FileNames.formats(system, match));
          found = found.isEmpty() ? Map.of("csv", match.getPath().getName()) : found;
          found.forEach(formats::putIfAbsent);
        }
      } catch (IOException | IllegalArgumentException e) {
        throw Errors.inputNotReadable(entry, "curvature.input.path", Failures.reason(e), e);
      }
    }
    if (formats.size() > 1) {
      throw InputErrors.severalFormats(String.join(", ", files.paths()), formats);
    }
    return files.readAs(formats.isEmpty() ? "csv" : formats.keySet().iterator().next());
  }

  private boolean hasReader(String format) {
    try {
      DataSource.lookupDataSource(format, session.sessionState().conf());
      return true;
    } catch (Exception e) { // Scala code throws checked exceptions without saying so.
      return false;
    }
  }

  /** Refuses files of a Delta, Iceberg or Hudi table, which hold more than its rows. */
  private void refuse(LakeTables.Found table, String where) {
    String format = table.kind().format();
    throw InputErrors.lakeTable(
        table.folder().toUri().getScheme() == null || isLocal(table.folder())
            ? table.folder().toUri().getPath()
            : table.folder().toString(),
        table.kind().called(),
        where,
        hasReader(format) ? "" : packages(table.kind()));
  }

  /** What to add to a command line for the reader of a kind. */
  private static String packages(LakeTables.Kind kind) {
    String spark = org.apache.spark.package$.MODULE$.SPARK_VERSION().replaceFirst("\\.\\d+$", "");
    return switch (kind) {
      case DELTA ->
          "-- --packages io.delta:delta-spark_%s_2.13:VERSION --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
              .formatted(spark);
      case ICEBERG ->
          "-- --packages org.apache.iceberg:iceberg-spark-runtime-%s_2.13:VERSION".formatted(spark);
      case HUDI ->
          "-- --packages org.apache.hudi:hudi-spark%s-bundle_2.13:VERSION".formatted(spark);
    };
  }

  /** The same for all files that a table is read from one by one, whatever led to them. */
  private void refuseLakes(Dataset<Row> table, String where) {
    for (Path folder : InputFiles.readOneByOne(table)) {
      lakes.around(folder).ifPresent(found -> refuse(found, where));
    }
  }

  /** Paths that are read as one table; {@code several} where they may be more than one file. */
  private record Group(String described, List<String> paths, boolean several) {

    Group with(List<Group> others) {
      List<String> all = new ArrayList<>(paths);
      others.forEach(other -> all.addAll(other.paths()));
      String last = others.get(others.size() - 1).described();
      return new Group(described + (others.size() > 1 ? ", ..., " : ", ") + last, all, true);
    }
  }

  /** Neighbouring files that begin with the same line become one table: to open one takes a job. */
  private List<Group> sameHeaders(List<Group> groups) {
    List<Group> merged = new ArrayList<>();
    int next = 0;
    while (next < groups.size()) {
      Group first = groups.get(next++);
      List<Group> same = new ArrayList<>();
      if (!first.several() && next < groups.size()) {
        String line = firstLine(first);
        while (next < groups.size()
            && !groups.get(next).several()
            && firstLine(groups.get(next)).equals(line)) {
          same.add(groups.get(next++));
        }
      }
      merged.add(same.isEmpty() ? first : first.with(same));
    }
    return merged;
  }

  private String firstLine(Group file) {
    Configuration configuration = session.sessionState().newHadoopConf();
    Path path = new Path(UNESCAPED.matcher(file.paths().get(0)).replaceAll("$1"));
    try (InputStream bytes = TextFiles.open(path, configuration)) {
      // Bytes stand for themselves: only whether two lines are equal matters.
      String line =
          new BufferedReader(new InputStreamReader(bytes, StandardCharsets.ISO_8859_1)).readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw Errors.inputNotReadable(
          file.described(), "curvature.input.path", Failures.reason(e), e);
    }
  }

  /** What a glob names; where that is nothing, the path of that very name. */
  static FileStatus[] matches(FileSystem system, Path path) throws IOException {
    FileStatus[] matches = system.globStatus(path);
    if (matches != null && matches.length > 0) {
      return matches;
    }
    return system.exists(path) ? new FileStatus[] {system.getFileStatus(path)} : new FileStatus[0];
  }

  /** What to read for an entry of {@code path} at which there is nothing. */
  private List<Group> missing(String entry) {
    return switch (missingPath) {
      case EMPTY -> List.of();
      case RETRY -> throw InputErrors.pathNotThereYet(entry, "curvature.input.path");
      case FAIL -> throw Errors.noSuchPath(entry, "curvature.input.path");
    };
  }

  /** What to read for one entry of {@code path}. */
  private List<Group> groups(String entry, InputSource.Files files) {
    Configuration configuration = session.sessionState().newHadoopConf();
    try {
      Path path = new Path(entry);
      FileSystem system = path.getFileSystem(configuration);
      FileStatus[] matches = matches(system, path);
      if (matches.length == 0) {
        return missing(entry);
      }
      boolean plain = FILES.contains(files.format());
      for (FileStatus match : matches) {
        if (plain) {
          lakes.around(match.getPath()).ifPresent(found -> refuse(found, "curvature.input.path"));
        }
      }
      if (plain
          && matches.length > 1
          && (!BY_POSITION.contains(files.format()) || matches.length > SEPARATE)) {
        return List.of(new Group(entry, List.of(entry), true));
      }
      Arrays.sort(matches);
      List<Group> groups = new ArrayList<>();
      for (FileStatus match : matches) {
        String described = matches.length == 1 ? entry : match.getPath().toString();
        groups.add(
            plain
                ? new Group(described, inOrder(system, match, files.options()), match.isDirectory())
                : new Group(described, List.of(match.getPath().toString()), true));
      }
      return groups;
    } catch (IOException | RuntimeException e) {
      throw Errors.inputPath(entry, e);
    }
  }

  /**
   * The files of a local folder by name, where it holds nothing but files; otherwise the path
   * itself.
   */
  private static List<String> inOrder(
      FileSystem system, FileStatus match, Map<String, String> options) throws IOException {
    List<String> itself = List.of(LiteralPath.of(match.getPath().toString()));
    if (!match.isDirectory()
        || !(system instanceof LocalFileSystem)
        || options.keySet().stream().anyMatch(Tables::selectsFiles)) {
      return itself;
    }
    List<FileStatus> inside = new ArrayList<>();
    for (FileStatus status : system.listStatus(match.getPath())) {
      String name = status.getPath().getName();
      if (!name.startsWith("_") && !name.startsWith(".")) {
        if (status.isDirectory()) {
          return itself;
        }
        inside.add(status);
      }
    }
    return inside.isEmpty()
        ? itself
        : inside.stream()
            .sorted()
            .map(status -> LiteralPath.of(status.getPath().toString()))
            .toList();
  }

  private static boolean selectsFiles(String option) {
    return Set.of(
            "basepath", "pathglobfilter", "recursivefilelookup", "modifiedbefore", "modifiedafter")
        .contains(option.toLowerCase(Locale.ROOT));
  }

  private Dataset<Row> load(Group group, InputSource.Files files) {
    String[] paths = group.paths().toArray(String[]::new);
    Map<String, String> options = new LinkedHashMap<>(files.options());
    if (files.format().equals("parquet") && isLocal(group)) {
      options.putIfAbsent(VECTORED, "false");
    }
    if (files.format().equals(LIBSVM) && option(options, WIDTH).isEmpty()) {
      features.ifPresent(width -> options.put(WIDTH, Integer.toString(width)));
    }
    boolean csv = files.format().equals("csv");
    boolean keepsCorrupt =
        csv
            && option(options, "mode").map("PERMISSIVE"::equalsIgnoreCase).orElse(true)
            && option(options, "columnNameOfCorruptRecord").isEmpty();
    if (csv
        && group.several()
        && option(options, "header").map(Boolean::parseBoolean).orElse(false)
        && option(options, "enforceSchema").isEmpty()) {
      options.put("enforceSchema", "false");
    }
    if (keepsCorrupt) {
      options.putIfAbsent(
          "columnPruning", "false"); // a reader that skips fields does not count them
    }
    try {
      String format =
          keepsCorrupt && FastCsvFormat.reads(files.options().keySet())
              ? FastCsvFormat.class.getName()
              : files.format();
      Dataset<Row> rows = loaded(format, options, paths);
      StructType schema = rows.schema();
      if (schema.isEmpty()) {
        throw nothing(group);
      }
      if (!keepsCorrupt) {
        return rows;
      } else if (Arrays.asList(schema.fieldNames()).contains(CORRUPT)) {
        return reader(files.format(), options).load(paths);
      }
      return reader(format, options).schema(schema.add(CORRUPT, DataTypes.StringType)).load(paths);
    } catch (JobException e) {
      throw e;
    } catch (Exception e) {
      throw unreadable(e, group, files.format());
    }
  }

  /** What a path without a schema means: no rows, unless tables of a lake lie below it. */
  private JobException nothing(Group group) {
    refuseLakesBelow(group);
    return Errors.noRows(group.described());
  }

  private void refuseLakesBelow(Group group) {
    for (String path : group.paths()) {
      lakes
          .below(new Path(UNESCAPED.matcher(path).replaceAll("$1")))
          .ifPresent(found -> refuse(found, "curvature.input.path"));
    }
  }

  private boolean isLocal(Group group) {
    return isLocal(new Path(group.paths().get(0)));
  }

  private boolean isLocal(Path path) {
    Configuration configuration = session.sessionState().newHadoopConf();
    try {
      return path.getFileSystem(configuration) instanceof LocalFileSystem;
    } catch (IOException | IllegalArgumentException e) {
      return false; // whoever reads it says what is wrong
    }
  }

  /**
   * The rows; where a CSV file has more columns than Spark's parser has room for, with more room in
   * {@code options}. Each file's parser makes that room, so that it is made only where it is
   * needed.
   */
  private Dataset<Row> loaded(String format, Map<String, String> options, String... paths) {
    try {
      return reader(format, options).load(paths);
    } catch (Exception e) { // Spark's are checked, and thrown without being declared.
      if (!Set.of("csv", FastCsvFormat.class.getName()).contains(format)
          || option(options, "maxColumns").isPresent()
          || !Failures.isTooWide(e)) {
        throw e;
      }
      options.put("maxColumns", MOST_COLUMNS);
      return reader(format, options).load(paths);
    }
  }

  private DataFrameReader reader(String format, Map<String, String> options) {
    return session.read().format(format).options(options);
  }

  private static Optional<String> option(Map<String, String> options, String name) {
    return options.entrySet().stream()
        .filter(e -> e.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private JobException unreadable(Exception e, Group group, String format) {
    String described = group.described();
    String condition =
        e instanceof SparkThrowable throwable && throwable.getCondition() != null
            ? throwable.getCondition()
            : "";
    return switch (condition) {
      case "PATH_NOT_FOUND" ->
          missingPath == MissingPath.RETRY
              ? InputErrors.pathNotThereYet(described, "curvature.input.path")
              : Errors.noSuchPath(described, "curvature.input.path");
      case "UNABLE_TO_INFER_SCHEMA" -> nothing(group);
      case "DATA_SOURCE_NOT_FOUND" ->
          InputErrors.noSuchFormat(
              format,
              LakeTables.Kind.ofFormat(format).map(kind -> "add it: " + packages(kind)).orElse(""),
              e);
      default -> {
        if (group.several() && FILES.contains(format)) {
          refuseLakesBelow(group); // folders of tables have no common structure
        }
        yield Errors.inputNotReadable(described, "curvature.input.path", Failures.reason(e), e);
      }
    };
  }
}
