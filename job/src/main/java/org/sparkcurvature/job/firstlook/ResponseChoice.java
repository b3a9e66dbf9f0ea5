package org.sparkcurvature.job.firstlook;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.firstlook.ColumnRole.Kind;

/**
 * Which column is likely the response.
 *
 * @param column its place
 * @param event of a duration, the column that says whether its end was observed
 * @param why it was chosen, after "Response: y,"
 */
record ResponseChoice(int column, OptionalInt event, String why) {
  private static final Set<String> DURATIONS =
      Set.of("exponential", "weibull", "lognormal", "loglogistic");

  /**
   * Chooses by what is asked for, by names, and else by place.
   *
   * @param asked the name of a column, where the user says it
   * @throws JobException with exit code 3 if there is no such column, or none can be a response
   */
  static ResponseChoice of(
      TableSketch table, List<ColumnRole> roles, Optional<String> asked, Optional<String> family) {
    if (asked.isPresent()) {
      return asked(table, roles, asked.get(), family);
    }
    boolean durations = family.map(DURATIONS::contains).orElse(true);
    return Optional.<ResponseChoice>empty()
        .or(() -> durations ? survival(table, roles) : Optional.empty())
        .or(() -> named(table, roles))
        .or(() -> placed(table, roles))
        .orElseThrow(() -> none(table, roles));
  }

  private static ResponseChoice asked(
      TableSketch table, List<ColumnRole> roles, String name, Optional<String> family) {
    int column =
        table
            .place(name)
            .orElseThrow(() -> Errors.missingColumn(name, "--response", table.names()));
    if (!canRespond(table, roles, column)) {
      throw InputErrors.noResponse(
          Terms.label(table.names().get(column)),
          roles.get(column).reason().orElse(roles.get(column).seen()));
    }
    OptionalInt event =
        family.filter(DURATIONS::contains).isPresent()
            ? event(table, roles, column)
            : OptionalInt.empty();
    return new ResponseChoice(column, event, "as --response says");
  }

  private static boolean canRespond(TableSketch table, List<ColumnRole> roles, int column) {
    ColumnLook look = table.look(column);
    return roles.get(column).kind() != Kind.NEITHER
        && Roles.isWritable(table.names().get(column))
        && !(look.distinct().isExact() && look.distinct().number() < 2);
  }

  /** A duration with an event. */
  private static Optional<ResponseChoice> survival(TableSketch table, List<ColumnRole> roles) {
    return IntStream.range(0, roles.size())
        .filter(k -> NameWords.isDuration(table.names().get(k)))
        .filter(k -> roles.get(k).kind() == Kind.NUMBER && table.look(k).least() > 0)
        .boxed()
        .flatMap(
            k ->
                event(table, roles, k).stream()
                    .mapToObj(
                        e ->
                            new ResponseChoice(
                                k,
                                OptionalInt.of(e),
                                "for its name and that of " + Terms.label(table.names().get(e)))))
        .findFirst();
  }

  /** The first column of 0 and 1 that is called like an event; of 1 and 2, where there is none. */
  private static OptionalInt event(TableSketch table, List<ColumnRole> roles, int duration) {
    return IntStream.of(0, 1)
        .flatMap(
            least ->
                IntStream.range(0, roles.size())
                    .filter(k -> k != duration && NameWords.isEvent(table.names().get(k)))
                    .filter(k -> table.look(k).areNumbers() && canRespond(table, roles, k))
                    .filter(
                        k ->
                            table.look(k).distinct().number() == 2
                                && table.look(k).least() == least
                                && table.look(k).greatest() == least + 1))
        .findFirst();
  }

  private static Optional<ResponseChoice> named(TableSketch table, List<ColumnRole> roles) {
    for (boolean whole : List.of(true, false)) {
      for (String word : NameWords.RESPONSES) {
        for (int k = 0; k < roles.size(); k++) {
          List<String> words = NameWords.of(table.names().get(k));
          if (isCalled(words, word, whole)
              && !NameWords.isIdentifier(table.names().get(k))
              && canRespond(table, roles, k)) {
            return Optional.of(new ResponseChoice(k, OptionalInt.empty(), "for its name"));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isCalled(List<String> name, String word, boolean whole) {
    return whole
        ? name.equals(List.of(word))
        : name.contains(word) && !NameWords.WHOLE.contains(word);
  }

  /**
   * The last column where that is a category, as tables for classifiers have it; else the first, as
   * in R.
   */
  private static Optional<ResponseChoice> placed(TableSketch table, List<ColumnRole> roles) {
    List<Integer> usable = new ArrayList<>();
    for (int k = 0; k < roles.size(); k++) {
      if (roles.get(k).canPredict() && canRespond(table, roles, k)) {
        usable.add(k);
      }
    }
    if (usable.isEmpty()) {
      return Optional.empty();
    }
    int last = usable.get(usable.size() - 1);
    return Optional.of(
        roles.get(last).kind() == Kind.CATEGORY
            ? new ResponseChoice(
                last,
                OptionalInt.empty(),
                "a guess: the last column, and a category; no name tells")
            : new ResponseChoice(
                usable.stream()
                    .filter(k -> !NameWords.isCoordinate(table.names().get(k)))
                    .findFirst()
                    .orElse(usable.get(0)),
                OptionalInt.empty(),
                "a guess: the first column that can be one; no name tells"));
  }

  private static JobException none(TableSketch table, List<ColumnRole> roles) {
    List<String> reasons = new ArrayList<>();
    for (int k = 0; k < roles.size(); k++) {
      ColumnRole role = roles.get(k);
      reasons.add(
          "%s: %s; %s"
              .formatted(
                  Terms.label(table.names().get(k)),
                  role.seen(),
                  role.reason().orElse("it does not vary")));
    }
    return InputErrors.nothingToModel(reasons);
  }
}
