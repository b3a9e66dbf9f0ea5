package org.sparkcurvature.job.language;

import java.util.List;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.LoggerFactory;

/** What Spark's parser rests on. */
public final class SparkParser {
  private SparkParser() {}

  /**
   * Loads Spark's settings beside its grammar and log. Each side takes a quarter of a second, the
   * first time, and neither needs the other one. Both are there when this comes back, so that no
   * class of Spark is initialised by two threads from two sides.
   */
  public static void load() {
    // No method reference, which would load the class here.
    Thread settings = begun("settings", () -> SQLConf.get());
    Thread grammar = begun("grammar", SparkParser::loadGrammar);
    for (Thread thread : List.of(settings, grammar)) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void loadGrammar() {
    LoggerFactory.getLogger(CatalystSqlParser.class);
    if (SqlBaseLexer._ATN.states.isEmpty() || SqlBaseParser._ATN.states.isEmpty()) {
      throw new IllegalStateException("a grammar without states");
    }
  }

  private static Thread begun(String what, Runnable loading) {
    Thread thread =
        new Thread(
            () -> {
              try {
                loading.run();
              } catch (LinkageError | RuntimeException e) {
                // It fails again where it is used, and is told there.
                return;
              }
            },
            "spark-curvature-" + what);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
