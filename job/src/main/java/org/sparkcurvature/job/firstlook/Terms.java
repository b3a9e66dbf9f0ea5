package org.sparkcurvature.job.firstlook;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.source.Quoted;
import scala.jdk.javaapi.CollectionConverters;

/** Columns as formulas write them. */
final class Terms {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  /** Words by which the parser of formulas finds where an expression ends. */
  private static final Set<String> WORDS = Set.of("case", "end");

  private Terms() {}

  /** The name, in backquotes unless Spark's parser takes it for that column without. */
  static String of(String name) {
    return NAME.matcher(name).matches()
            && !WORDS.contains(name.toLowerCase(Locale.ROOT))
            && isColumn(name)
        ? name
        : Quoted.name(name);
  }

  /** A column as comments and messages name it. */
  static String label(String name) {
    return PublicText.label(of(name));
  }

  private static boolean isColumn(String name) {
    try {
      Expression parsed = CatalystSqlParser$.MODULE$.parseExpression(name);
      return parsed instanceof UnresolvedAttribute column
          && CollectionConverters.asJava(column.nameParts()).equals(List.of(name));
    } catch (Exception e) { // Spark's parse errors are checked, and thrown without being declared.
      return false;
    }
  }
}
