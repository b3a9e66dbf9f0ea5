package org.sparkcurvature.job.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.job.errors.Names;

/** Which name a mistyped one was probably meant to be. */
final class Nearest {
  private Nearest() {}

  /** The first name that begins with what was written, as param(eters), or else the nearest. */
  static Optional<String> to(String written, Collection<String> known) {
    Stream<String> longer =
        known.stream()
            .filter(name -> written.length() > 2 && lower(name).startsWith(lower(written)))
            .sorted();
    Stream<String> near =
        Names.nearest(written, known).stream()
            .filter(name -> written.length() > 2 || lower(name).equals(lower(written)));
    return Stream.concat(longer, near).findFirst();
  }

  /** "did you mean tensors?", or {@code otherwise} where nothing is near. */
  static String suggestion(String written, Collection<String> known, String otherwise) {
    return to(written, known).map(nearest -> "did you mean " + nearest + "?").orElse(otherwise);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
