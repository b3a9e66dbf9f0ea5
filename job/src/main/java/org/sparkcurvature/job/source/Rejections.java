package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Why rows are invalid: how many for which reason, and the first of them. */
public final class Rejections implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Reasons that are told apart; a table may have thousands of columns. */
  private static final int MOST_REASONS = 50;

  private static final int MOST_TEXTS = 20;
  private static final int SHOWN_TEXTS = 8;

  /** Of more than this share of the rows, text is not an exception but what the column holds. */
  private static final double USUAL = 0.5;

  private static final String OTHERS = "another reason";
  private static final Pattern DECIMAL_COMMA = Pattern.compile("\\s*[+-]?\\d*,\\d+\\s*");

  /** Numbers with signs of currencies or per cent, or with commas between thousands. */
  private static final Pattern DECORATED =
      Pattern.compile("[\\s$€£¥]*[+-]?[$€£¥]?(\\d{1,3}(,\\d{3})+|\\d+)(\\.\\d*)?[\\s%$€£¥]*");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  /** What rows have in common that are invalid for one reason. */
  private static final class Reason implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String column;
    private final Rejection first;

    /** How often each text that is no number was met; nothing where that is not the reason. */
    private final LinkedHashMap<String, Long> texts = new LinkedHashMap<>();

    private boolean moreTexts;
    private long rows;

    Reason(String column, Rejection first) {
      this.column = column;
      this.first = first;
    }

    Reason(Reason other) {
      this(other.column, other.first);
      add(other);
    }

    void count(String text, long times) {
      if (texts.size() < MOST_TEXTS || texts.containsKey(text)) {
        texts.merge(text, times, Long::sum);
      } else {
        moreTexts = true;
      }
    }

    void add(Reason other) {
      rows += other.rows;
      moreTexts |= other.moreTexts;
      other.texts.forEach(this::count);
    }

    /** Whether one line tells of all these rows. */
    boolean isOneLine() {
      return !texts.isEmpty() && rows > 1;
    }
  }

  private final List<Rejection> rows = new ArrayList<>();
  private final LinkedHashMap<String, Reason> reasons = new LinkedHashMap<>();

  /**
   * Adds a row.
   *
   * @param name what messages call it; asked for only where it is one of the first
   */
  void add(Supplier<RowName> name, InvalidValue why) {
    String kind =
        reasons.size() < MOST_REASONS || reasons.containsKey(why.kind()) ? why.kind() : OTHERS;
    Reason reason = reasons.get(kind);
    boolean text = why.text().isPresent() && !kind.equals(OTHERS);
    if (reason == null) {
      reason = new Reason(why.column(), new Rejection(name.get(), why.getMessage()));
      reasons.put(kind, reason);
    }
    reason.rows++;
    if (text) {
      reason.count(Kind.cut(why.text().get()), 1);
    } else if (rows.size() < SampleReader.SHOWN) {
      rows.add(new Rejection(name.get(), why.getMessage()));
    }
  }

  /** Adds those of later rows. */
  public void merge(Rejections later) {
    later.rows.stream().limit(SampleReader.SHOWN - rows.size()).forEach(rows::add);
    later.reasons.forEach(
        (kind, reason) -> {
          String known = reasons.size() < MOST_REASONS || reasons.containsKey(kind) ? kind : OTHERS;
          if (reasons.containsKey(known)) {
            reasons.get(known).add(reason);
          } else {
            reasons.put(known, new Reason(reason));
          }
        });
  }

  /** How many rows were rejected and are told of one by one: at most {@link SampleReader#SHOWN}. */
  int named() {
    return rows.size();
  }

  /** How many rows are invalid for which reason, the most frequent first. */
  public Map<String, Long> byReason() {
    Map<String, Long> counts = new LinkedHashMap<>();
    reasons.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue().rows, a.getValue().rows))
        .forEach(entry -> counts.put(entry.getKey(), entry.getValue().rows));
    return Collections.unmodifiableMap(counts);
  }

  /**
   * The first invalid rows, a line each; but one line for all rows with text that is no number.
   *
   * @param read how many rows were read
   */
  public List<String> lines(long read) {
    List<String> lines = new ArrayList<>();
    reasons.forEach(
        (kind, reason) -> {
          if (reason.isOneLine()) {
            lines.add(line(kind, reason, read));
          } else if (!reason.texts.isEmpty()) {
            lines.add(reason.first.toString());
          }
        });
    rows.forEach(row -> lines.add(row.toString()));
    return lines.size() > SampleReader.SHOWN ? lines.subList(0, SampleReader.SHOWN) : lines;
  }

  private static String line(String kind, Reason reason, long read) {
    String shown =
        reason.texts.entrySet().stream()
            .limit(SHOWN_TEXTS)
            .map(text -> "'" + text.getKey() + "' (" + number(text.getValue()) + ")")
            .collect(Collectors.joining(", "));
    boolean more = reason.moreTexts || reason.texts.size() > SHOWN_TEXTS;
    return "%s in %s of %s rows: %s%s; the first is %s"
        .formatted(
            kind,
            number(reason.rows),
            number(read),
            shown,
            more ? ", ..." : "",
            reason.first.row());
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /**
   * How text can be used all the same, where that is what a column mostly holds; empty otherwise.
   *
   * @param read how many rows were read
   */
  public Optional<String> wayOut(long read) {
    return reasons.values().stream()
        .filter(reason -> !reason.texts.isEmpty() && reason.rows > USUAL * read)
        .map(Rejections::wayOut)
        .findFirst();
  }

  private static String wayOut(Reason reason) {
    String column = inSql(reason.column);
    List<String> texts = List.copyOf(reason.texts.keySet());
    if (texts.stream().allMatch(text -> DECIMAL_COMMA.matcher(text).matches())) {
      return "for a decimal comma write \"replace(%s, ',', '.')\"".formatted(column);
    }
    if (texts.stream().allMatch(text -> DECORATED.matcher(text).matches())) {
      return "leave out what is no part of the number: \"regexp_replace(%s, '[^0-9.+-]', '')\""
          .formatted(column);
    }
    String first = column + " = " + literal(texts.get(0));
    if (texts.size() == 1 && !reason.moreTexts) {
      return "a comparison is a number, 1 or 0: \"%s\"".formatted(first);
    }
    return ("a comparison is a number, 1 or 0: y = \"%s\" for a label; for categories a list of them, one for each"
            + " value but one: [\"%s\", \"%s = %s\"%s]")
        .formatted(
            first,
            first,
            column,
            literal(texts.get(1)),
            texts.size() > 3 || reason.moreTexts ? ", ..." : "");
  }

  /** A column's name as an expression has it; other text is an expression already. */
  private static String inSql(String column) {
    return NAME.matcher(column).matches() || column.matches(".*[(/*+`].*")
        ? column
        : "`" + column + "`";
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  @Override
  public String toString() {
    return reasons.values().stream()
        .map(
            reason ->
                reason.rows + " x " + reason.first + (reason.texts.isEmpty() ? "" : reason.texts))
        .collect(Collectors.joining("; "));
  }
}
