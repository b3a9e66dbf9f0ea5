package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.sparkcurvature.job.sink.OutputFolder;

/** The files of a result as those who read it see them: the parts of a table are one. */
final class WrittenTables {
  private static final Pattern PART = Pattern.compile("(.+)/[^/]+");

  private WrittenTables() {}

  /** Files in folders, joined to a line for each folder. */
  static List<OutputFolder.Listed> joined(List<OutputFolder.Listed> files) {
    Map<String, OutputFolder.Listed> joined = new LinkedHashMap<>();
    for (OutputFolder.Listed file : files) {
      var part = PART.matcher(file.path());
      String path = part.matches() ? part.group(1) + "/" : file.path();
      joined.merge(
          path,
          new OutputFolder.Listed(path, file.bytes(), file.rows()),
          (a, b) -> both(path, a, b));
    }
    return new ArrayList<>(joined.values());
  }

  private static OutputFolder.Listed both(
      String path, OutputFolder.Listed a, OutputFolder.Listed b) {
    OptionalLong rows =
        a.rows().isPresent() && b.rows().isPresent()
            ? OptionalLong.of(a.rows().getAsLong() + b.rows().getAsLong())
            : OptionalLong.empty();
    return new OutputFolder.Listed(path, a.bytes() + b.bytes(), rows);
  }

  /** How a file is loaded where it is looked at most: in Python. */
  static String reader(String path) {
    if (path.endsWith("/")) {
      return "spark.read.load or pandas.read_parquet";
    }
    String ending = path.substring(path.lastIndexOf('.') + 1);
    return switch (ending) {
      case "npy" -> "numpy.load";
      case "json" -> "json.load";
      case "csv" -> "pandas.read_csv";
      default -> "";
    };
  }
}
