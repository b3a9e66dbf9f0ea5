package org.sparkcurvature.job.bench;

import java.util.Locale;

/**
 * One line of the benchmark.
 *
 * @param name what the case is called
 * @param oursMs our time in milliseconds
 * @param against what it is compared with
 * @param otherMs the other's time in milliseconds
 * @param target what is asked for: see {@link Against}
 */
record Figure(String name, double oursMs, Against against, double otherMs, double target) {

  /** What a time is compared with, and how. */
  enum Against {
    /** The least that it could take: our time over it is at most the target. */
    LIMIT,
    /** Someone else who does the same: its time over ours is at least the target. */
    PEER
  }

  double ratio() {
    return against == Against.LIMIT ? oursMs / otherMs : otherMs / oursMs;
  }

  boolean isMet() {
    return against == Against.LIMIT ? ratio() <= target : ratio() >= target;
  }

  static String heading() {
    return "%-28s %10s %10s %10s %7s %9s  %s"
        .formatted("case", "ours ms", "limit ms", "peer ms", "ratio", "target", "met");
  }

  String text() {
    String other = String.format(Locale.ROOT, "%.1f", otherMs);
    boolean limit = against == Against.LIMIT;
    return String.format(
        Locale.ROOT,
        "%-28s %10.1f %10s %10s %7.2f %9s  %s",
        name,
        oursMs,
        limit ? other : "",
        limit ? "" : other,
        ratio(),
        (limit ? "<= " : ">= ") + target,
        isMet() ? "yes" : "no");
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"case\": \"%s\", \"ours_ms\": %.3f, \"%s\": %.3f, \"ratio\": %.3f, \"target\": %s, \"met\": %b}",
        name,
        oursMs,
        against == Against.LIMIT ? "limit_ms" : "peer_ms",
        otherMs,
        ratio(),
        target,
        isMet());
  }
}
