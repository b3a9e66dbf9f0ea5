package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/** Where the rows come from: exactly one of {@code input.path}, {@code .table} and {@code .sql}. */
public sealed interface InputSource {

  /**
   * Files for a reader of Spark.
   *
   * @param paths files, folders or globs on any Hadoop file system, united by column name; at least
   *     one, in the order of the configuration
   * @param format the reader's name, such as {@code csv}; {@link #BY_NAME}: the one that the files'
   *     names call for
   * @param options what is handed to the reader, sorted by name; dotted names are whole ({@code
   *     a.b})
   */
  record Files(List<String> paths, String format, Map<String, String> options)
      implements InputSource {

    /** The format that stands for the one that the files' names call for. */
    public static final String BY_NAME = "auto";

    public Files {
      paths = List.copyOf(paths);
      requireNonNull(format);
      options = Ordered.copyOf(options);
    }

    /** Whether the files' names tell the reader. */
    public boolean isByName() {
      return format.equals(BY_NAME);
    }

    /** These files for a certain reader. */
    public Files readAs(String reader) {
      return new Files(paths, reader, options);
    }
  }

  /** A table of the catalogue, such as {@code db.t}. */
  record Table(String name) implements InputSource {
    public Table {
      requireNonNull(name);
    }
  }

  /** Rows that a program hands over. */
  non-sealed interface Given extends InputSource {}

  /** The rows of a query. */
  record Query(String sql) implements InputSource {
    public Query {
      requireNonNull(sql);
    }
  }
}
