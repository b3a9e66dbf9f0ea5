package org.sparkcurvature.job.source;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** Names of columns as Spark SQL takes them whatever they hold: dots, blanks, backquotes. */
public final class Quoted {
  private Quoted() {}

  /** A name in backquotes. */
  public static String name(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** The column of a name. */
  public static Column column(String name) {
    return functions.col(name(name));
  }
}
