package org.sparkcurvature.job.source;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** What to write instead of a column or expression that is not read as numbers. */
public final class TypeAdvice {
  private TypeAdvice() {}

  /** A sentence with an expression that Spark computes. */
  public static String of(String text, DataType type) {
    if (type instanceof UserDefinedType) {
      return "no Spark SQL expression reads this type: write its numbers to an array column first";
    }
    return "write %s as %s, such as %s"
        .formatted(subject(type), sought(type), expression(text, type));
  }

  private static String subject(DataType type) {
    if (type instanceof StructType) {
      return "one field of it";
    } else if (type instanceof MapType) {
      return "one entry of it";
    }
    return "what is meant";
  }

  private static String sought(DataType type) {
    return type instanceof ArrayType ? "an array of numbers" : "a number";
  }

  /** An expression of {@code text} that gives a number; an array of them where that is an array. */
  static String expression(String text, DataType type) {
    return expression(text, type, 0);
  }

  private static String expression(String text, DataType type, int depth) {
    if (type instanceof ArrayType array) {
      String element = depth == 0 ? "e" : "e" + depth;
      return Cell.of(array.elementType()).isPresent()
          ? text
          : "transform(%s, %s -> %s)"
              .formatted(text, element, expression(element, array.elementType(), depth + 1));
    } else if (type instanceof DateType) {
      return "unix_date(" + text + ")";
    } else if (type instanceof TimestampType) {
      return "unix_seconds(" + text + ")";
    } else if (type instanceof TimestampNTZType) {
      return "unix_seconds(CAST(" + text + " AS TIMESTAMP))";
    } else if (type.typeName().startsWith("time(")) { // Spark 4.0 has no such type.
      return "hour(%1$s) * 3600 + minute(%1$s) * 60 + second(%1$s)".formatted(text);
    } else if (type instanceof YearMonthIntervalType months) {
      return parts(text, MONTHS, months.startField(), months.endField());
    } else if (type instanceof DayTimeIntervalType days) {
      return parts(text, SECONDS, days.startField(), days.endField());
    } else if (type instanceof CalendarIntervalType) {
      return parts(text, SECONDS, 0, SECONDS.size() - 1);
    } else if (type instanceof StructType struct && !struct.isEmpty()) {
      StructField field = readable(struct);
      return expression(inBrackets(text) + "." + quoted(field.name()), field.dataType(), depth);
    } else if (type instanceof MapType map) {
      return expression(inBrackets(text) + "[" + key(map.keyType()) + "]", map.valueType(), depth);
    } else if (type instanceof BinaryType) {
      return "double(decode(" + text + ", 'UTF-8'))";
    } else if (type instanceof VariantType) {
      return "variant_get(" + text + ", '$', 'double')";
    } else if (type instanceof NullType) {
      return "CAST(" + text + " AS DOUBLE)";
    }
    return Cell.of(type).isPresent() ? text : "double(string(" + text + "))";
  }

  /** A part of an interval, and what it is worth in the last one. */
  private record Part(String name, int worth) {}

  private static final List<Part> MONTHS = List.of(new Part("YEAR", 12), new Part("MONTH", 1));

  private static final List<Part> SECONDS =
      List.of(
          new Part("DAY", 86400),
          new Part("HOUR", 3600),
          new Part("MINUTE", 60),
          new Part("SECOND", 1));

  /**
   * An interval in months or seconds. Spark refuses to extract a part that a type does not have.
   */
  private static String parts(String text, List<Part> all, int first, int last) {
    return all.subList(first, last + 1).stream()
        .map(
            part ->
                "extract(%s FROM %s)%s"
                    .formatted(part.name(), text, part.worth() == 1 ? "" : " * " + part.worth()))
        .collect(Collectors.joining(" + "));
  }

  /** The first field that is a number, else the first. */
  private static StructField readable(StructType struct) {
    for (StructField field : struct.fields()) {
      if (Cell.of(field.dataType()).isPresent()) {
        return field;
      }
    }
    return struct.fields()[0];
  }

  private static String key(DataType type) {
    if (type instanceof StringType) {
      return "'key'";
    }
    return Cell.of(type).isPresent() ? "1" : "CAST('1' AS " + type.sql() + ")";
  }

  private static String inBrackets(String text) {
    return text.matches("[\\w.`]+") ? text : "(" + text + ")";
  }

  private static String quoted(String name) {
    return name.matches("[A-Za-z_]\\w*") ? name : Quoted.name(name);
  }
}
