package org.sparkcurvature.job.firstlook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the words in a column's name tell of it. */
final class NameWords {
  private static final Set<String> IDENTIFIERS =
      Set.of(
          "id",
          "ids",
          "uuid",
          "guid",
          "identifier",
          "rowid",
          "rownum",
          "rownumber",
          "index",
          "idx",
          "individual",
          "subject",
          "respondent",
          "patient",
          "customer",
          "user");

  /** Of when and where: predictors, and hardly a response. */
  private static final Set<String> COORDINATES =
      Set.of(
          "year",
          "yr",
          "quarter",
          "month",
          "week",
          "day",
          "weekday",
          "hour",
          "minute",
          "period",
          "wave",
          "t",
          "time",
          "lat",
          "latitude",
          "lon",
          "lng",
          "long",
          "longitude");

  private static final Set<String> CODES =
      Set.of(
          "zip",
          "zipcode",
          "zipcodes",
          "postcode",
          "postal",
          "postalcode",
          "plz",
          "fips",
          "phone",
          "telephone",
          "fax",
          "ssn",
          "iban",
          "isbn",
          "ean",
          "barcode");

  private static final Set<String> MOMENTS =
      Set.of("date", "datetime", "timestamp", "created", "updated", "epoch");

  private static final Set<String> DURATIONS =
      Set.of("time", "duration", "survtime", "futime", "followup", "tenure", "lifetime");

  private static final Set<String> EVENTS =
      Set.of("event", "status", "died", "death", "dead", "observed", "failed", "failure", "fustat");

  /** How much a row counts, or what something weighs. */
  private static final Set<String> WEIGHTS = Set.of("weight", "weights", "wt", "wgt");

  /** How much a row counts, and nothing else. */
  private static final Set<String> ROW_WEIGHTS =
      Set.of("pweight", "pweights", "fweight", "fweights", "iweight", "aweight", "fnlwgt", "perwt");

  /** Before a word for a weight: of rows. */
  private static final Set<String> OF_ROWS =
      Set.of(
          "sample",
          "sampling",
          "survey",
          "design",
          "case",
          "row",
          "obs",
          "observation",
          "final",
          "frequency",
          "importance",
          "analysis",
          "person",
          "household",
          "replicate",
          "probability");

  /** The likeliest first. */
  static final List<String> RESPONSES =
      List.of(
          "y",
          "target",
          "response",
          "outcome",
          "label",
          "class",
          "dependent",
          "survived",
          "churn",
          "churned",
          "defaulted",
          "fraud",
          "converted",
          "purchased",
          "bought",
          "clicked",
          "diagnosis",
          "species",
          "claims",
          "visits",
          "sales",
          "price");

  /** Words of these that tell only where they are the whole name: a sub class is a predictor. */
  static final Set<String> WHOLE = Set.of("y", "class");

  private NameWords() {}

  /** In lower case; parts of {@code userId}, {@code user_id} and {@code user.id} alike. */
  static List<String> of(String name) {
    return Arrays.stream(
            name.replaceAll("([\\p{Ll}\\d])(\\p{Lu})", "$1 $2").split("[^\\p{L}\\p{N}]+"))
        .filter(word -> !word.isEmpty())
        .map(word -> word.toLowerCase(Locale.ROOT))
        .toList();
  }

  static boolean isIdentifier(String name) {
    List<String> words = of(name);
    return !words.isEmpty() && IDENTIFIERS.contains(words.get(words.size() - 1));
  }

  static boolean isCode(String name) {
    return of(name).stream().anyMatch(CODES::contains);
  }

  static boolean isMoment(String name) {
    return of(name).stream().anyMatch(MOMENTS::contains);
  }

  static boolean isCoordinate(String name) {
    return of(name).stream().anyMatch(COORDINATES::contains);
  }

  /** Whether it can be how much a row counts, or what something weighs. */
  static boolean isWeight(String name) {
    List<String> words = of(name);
    return !words.isEmpty() && WEIGHTS.contains(words.get(words.size() - 1));
  }

  /** Whether it says how much a row counts. */
  static boolean isWeightOfRows(String name) {
    List<String> words = of(name);
    return words.size() == 1 && ROW_WEIGHTS.contains(words.get(0))
        || isWeight(name) && words.stream().anyMatch(OF_ROWS::contains);
  }

  static boolean isDuration(String name) {
    return of(name).stream().anyMatch(DURATIONS::contains);
  }

  static boolean isEvent(String name) {
    return of(name).stream().anyMatch(EVENTS::contains);
  }
}
