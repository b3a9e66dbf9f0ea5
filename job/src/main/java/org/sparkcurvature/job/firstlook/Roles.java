package org.sparkcurvature.job.firstlook;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.UserDefinedType;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.firstlook.ColumnRole.Kind;
import org.sparkcurvature.job.source.Quoted;
import org.sparkcurvature.job.source.TypeAdvice;

/** Says of each column what it can be in a model, by its values and its name. */
final class Roles {
  /** More missing values than this, and a column takes more rows than it explains. */
  private static final double MOST_MISSING = 0.5;

  /** So many levels are named. */
  private static final int LEVELS_SHOWN = 6;

  /** Rows that a level has on average, at least. */
  private static final int ROWS_OF_LEVEL = 5;

  /** From this share of numbers on a column of text is meant to be one of numbers. */
  private static final double MOSTLY = 0.8;

  private final TableSketch table;

  /** The text that the reader takes as missing. */
  private final Optional<String> marker;

  /**
   * @param readerTakesMarker whether the table's reader can be told of a text that stands for no
   *     value, and is not yet
   */
  Roles(TableSketch table, boolean readerTakesMarker) {
    this.table = table;
    this.marker = readerTakesMarker ? marker(table) : Optional.empty();
  }

  /** The text that stands for no value in most columns of those in which the reader has to know. */
  private static Optional<String> marker(TableSketch table) {
    Map<String, Long> columns = new TreeMap<>();
    for (int k = 0; k < table.names().size(); k++) {
      ColumnLook look = table.look(k);
      look.markers().keySet().stream()
          .filter(text -> !text.isEmpty() && needsReader(look, text))
          .forEach(text -> columns.merge(text, 1L, Long::sum));
    }
    return columns.entrySet().stream()
        .max(Map.Entry.<String, Long>comparingByValue().thenComparing(e -> e.getKey()))
        .map(Map.Entry::getKey);
  }

  private static boolean needsReader(ColumnLook look, String text) {
    boolean category = !look.areNumbers() && look.values() > 0 && look.levels().areAll();
    return category || look.areNumbers() && !Texts.KNOWN.contains(text);
  }

  /** The text that the reader is to take as missing. */
  Optional<String> marker() {
    return marker;
  }

  List<ColumnRole> all() {
    List<ColumnRole> roles = new ArrayList<>();
    for (int k = 0; k < table.names().size(); k++) {
      roles.add(role(k));
    }
    return roles;
  }

  private ColumnRole role(int column) {
    String name = table.names().get(column);
    ColumnLook look = table.look(column);
    long missing = table.missing(column);
    if (look.storage() == Storage.OTHER) {
      return ColumnRole.leftOut(
          Kind.NEITHER,
          "of the type " + shortened(look.type().simpleString()),
          structure(Terms.of(name), look.type()));
    }
    Kind kind = kind(look);
    String seen = seen(look) + (missing == 0 ? "" : missing(look, missing));
    Optional<String> reason = reason(column, look, name, kind);
    boolean doubtful = reason.isEmpty() && canWeigh(look) && NameWords.isWeight(name);
    String advice = doubtful ? "; " + weight(name) + " if it is how much a row counts" : "";
    return new ColumnRole(kind, seen + advice, reason);
  }

  /** The share of rows that lack a value, and the texts that were taken for that. */
  private String missing(ColumnLook look, long missing) {
    List<String> texts =
        look.markers().keySet().stream()
            .filter(text -> !text.isEmpty())
            .map(text -> "'" + PublicText.label(text) + "'")
            .toList();
    return "; missing: "
        + Numbers.percent(missing, table.rows())
        + (texts.isEmpty() ? "" : ", written " + String.join(", ", texts));
  }

  private static boolean canWeigh(ColumnLook look) {
    return look.areNumbers() && look.least() >= 0;
  }

  /** How a column is taken for the weights of rows. */
  private static String weight(String name) {
    return "input.weight = \"%s\"".formatted(Terms.of(name));
  }

  private static String structure(String term, DataType type) {
    if (type instanceof ArrayType array && array.elementType() instanceof NumericType) {
      return "as a term, + %s, each element has a coefficient, where all rows have as many"
          .formatted(term);
    } else if (type instanceof ArrayType) {
      return "no number; its elements are, as "
          + term
          + "[0]; all of it suits a loss written by hand";
    }
    return type instanceof UserDefinedType
        ? "no number; it suits a loss written by hand"
        : TypeAdvice.of(term, type);
  }

  private static Kind kind(ColumnLook look) {
    if (look.values() == 0 || look.areDates()) {
      return Kind.NEITHER;
    } else if (look.areNumbers()) {
      return Kind.NUMBER;
    }
    return look.areLong() || !look.levels().areAll() ? Kind.NEITHER : Kind.CATEGORY;
  }

  private Optional<String> reason(int column, ColumnLook look, String name, Kind kind) {
    if (!isWritable(name)) {
      return Optional.of("its name reads as if it held a secret, which would be masked");
    } else if (look.values() == 0) {
      return Optional.of("without a value");
    } else if (look.distinct().isExact() && look.distinct().number() == 1) {
      return Optional.of(
          table.missing(column) == 0 ? "constant" : "constant where it is not missing");
    } else if (look.areDates()) {
      return Optional.of("a date" + dateAdvice(name, look));
    } else if (look.haveLeadingZeros()) {
      return Optional.of(
          "a code, such as zip codes: numbers with leading zeros. C(%s) makes a category of it"
              .formatted(Terms.of(name)));
    } else if (NameWords.isCode(name)) {
      return Optional.of(
          "a code by its name. C(%s) makes a category of it".formatted(Terms.of(name)));
    } else if (canWeigh(look) && NameWords.isWeightOfRows(name)) {
      return Optional.of("how much a row counts, by its name: " + weight(name) + " says so");
    } else if (NameWords.isMoment(name) && look.areWhole() && look.least() >= 1e8) {
      return Optional.of("a date by its name, in seconds or parts of them");
    }
    return identifier(look, name)
        .or(() -> missing(column))
        .or(() -> text(look, name, kind))
        .or(() -> unknownMarker(look, name));
  }

  private static String dateAdvice(String name, ColumnLook look) {
    return look.storage() == Storage.DATE || look.storage() == Storage.TIMESTAMP
        ? "; as a number: "
            + (look.storage() == Storage.DATE ? "unix_date" : "unix_seconds")
            + "("
            + Terms.of(name)
            + "), or year("
            + Terms.of(name)
            + ")"
        : "";
  }

  private static Optional<String> identifier(ColumnLook look, String name) {
    boolean unique = look.distinct().areUnique() && look.values() > 1;
    if (NameWords.isIdentifier(name)) {
      return Optional.of(
          "an identifier by its name"
              + (unique
                  ? ", and unique"
                  : ". C(%s) makes a category of it".formatted(Terms.of(name))));
    } else if (unique && look.areWhole()) {
      return Optional.of(
          "a whole number of its own in each row, as identifiers are; add it if it measures something");
    } else if (unique && look.storage() == Storage.TEXT && !writesNumbers(look)) {
      return Optional.of("a text of its own in each row, as identifiers and remarks are");
    }
    return Optional.empty();
  }

  /** Whether texts are meant as numbers, most of them at least. */
  private static boolean writesNumbers(ColumnLook look) {
    return look.areDecorated()
        || look.haveDecimalCommas()
        || look.numbers() >= MOSTLY * look.values();
  }

  private Optional<String> missing(int column) {
    long missing = table.missing(column);
    return missing > MOST_MISSING * table.rows()
        ? Optional.of("most rows lack it, and would be left out with it")
        : Optional.empty();
  }

  private static Optional<String> text(ColumnLook look, String name, Kind kind) {
    if (look.storage() != Storage.TEXT || kind == Kind.NUMBER) {
      return Optional.empty();
    } else if (look.areDecorated()) {
      return Optional.of(
          "numbers with signs: double(regexp_replace(%s, '[^0-9.+-]', '')) reads them"
              .formatted(Terms.of(name)));
    } else if (look.haveDecimalCommas()) {
      return Optional.of(
          "numbers with a comma for the point: double(replace(%s, ',', '.')) reads them"
              .formatted(Terms.of(name)));
    } else if (look.numbers() >= MOSTLY * look.values()) {
      return Optional.of(
          "numbers but for %s: try_cast(%s AS DOUBLE) leaves other rows out"
              .formatted(Numbers.count(look.values() - look.numbers(), "text"), Terms.of(name)));
    }
    long levels = look.distinct().number();
    return kind == Kind.NEITHER || levels * ROWS_OF_LEVEL > look.values()
        ? Optional.of(
            "too many levels for %s. C(%s) makes a category of it all the same"
                .formatted(Numbers.count(look.values(), "row"), Terms.of(name)))
        : Optional.empty();
  }

  /** Among numbers, a text that the program takes for a level. */
  private Optional<String> unknownMarker(ColumnLook look, String name) {
    if (!look.areNumbers()) {
      return Optional.empty();
    }
    List<String> unknown =
        look.markers().keySet().stream()
            .filter(text -> !text.isEmpty() && !Texts.KNOWN.contains(text))
            .filter(text -> marker.filter(text::equals).isEmpty())
            .toList();
    return unknown.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "numbers and '%s': try_cast(%s AS DOUBLE) leaves such rows out"
                .formatted(unknown.get(0), Terms.of(name)));
  }

  // ---- descriptions

  private static String seen(ColumnLook look) {
    if (look.values() == 0) {
      return "nothing";
    } else if (look.storage() == Storage.DATE) {
      return "dates from %s to %s"
          .formatted(
              LocalDate.ofEpochDay((long) look.least()),
              LocalDate.ofEpochDay((long) look.greatest()));
    } else if (look.storage() == Storage.TIMESTAMP) {
      return "times from %s to %s".formatted(day(look.least()), day(look.greatest()));
    } else if (look.areNumbers()) {
      return numbers(look);
    }
    return texts(look);
  }

  private static LocalDate day(double microseconds) {
    return LocalDate.ofInstant(
        Instant.ofEpochSecond(Math.floorDiv((long) microseconds, 1_000_000L)), ZoneOffset.UTC);
  }

  private static String numbers(ColumnLook look) {
    String range =
        (look.areWhole() ? "whole numbers" : "numbers")
            + " from %s to %s"
                .formatted(Numbers.brief(look.least()), Numbers.brief(look.greatest()));
    if (look.distinct().isExact() && look.distinct().number() == 1) {
      return "always " + Numbers.brief(look.least());
    } else if (look.distinct().isExact() && look.distinct().number() == 2) {
      return Numbers.brief(look.least()) + " or " + Numbers.brief(look.greatest());
    }
    return range + ", " + distinct(look);
  }

  private static String distinct(ColumnLook look) {
    long number = Math.min(look.distinct().number(), look.values());
    if (look.distinct().areUnique()) {
      return "all distinct";
    } else if (look.distinct().isExact()) {
      return Numbers.count(number) + " distinct";
    }
    long unit = (long) Math.pow(10, Math.max(0, (int) Math.log10((double) number) - 1));
    return "about " + Numbers.count(Math.round((double) number / unit) * unit) + " distinct";
  }

  private static String texts(ColumnLook look) {
    if (look.storage() == Storage.TRUTH) {
      return "true or false";
    }
    List<String> levels = look.levels().texts();
    if (look.areLong() || !look.levels().areAll()) {
      return "text, " + distinct(look);
    }
    return "text, %s: %s%s"
        .formatted(
            Numbers.count(levels.size(), "level"),
            levels.stream()
                .limit(LEVELS_SHOWN)
                .map(level -> shortened(PublicText.label(level)))
                .collect(Collectors.joining(", ")),
            levels.size() > LEVELS_SHOWN ? ", ..." : "");
  }

  private static String shortened(String text) {
    return PublicText.shortened(text, 40);
  }

  // ---- names

  /** Whether a name stays as it is when it is printed. */
  static boolean isWritable(String name) {
    String quoted = Quoted.name(name);
    return PublicText.masked(quoted + " + ").equals(quoted + " + ");
  }
}
