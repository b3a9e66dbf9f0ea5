package org.sparkcurvature.job.formula;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.Names;

/** The table of families and links: {@code families.conf}, and a configuration's own rows. */
final class Families {
  private static final String RESOURCE = "/org/sparkcurvature/families.conf";
  private static final List<String> STATISTICS =
      List.of("mean", "variance", "deviance", "observed", "log-likelihood", "median");
  private static final List<String> DURATION =
      List.of("log-density", "log-survival", "log-cdf", "log-interval");
  private static final Set<String> KEYS =
      Set.of(
          "response",
          "support",
          "support-in-words",
          "informative",
          "predictors",
          "numbers",
          "define",
          "loss",
          "log-density",
          "log-survival",
          "log-cdf",
          "log-interval",
          "dispersion",
          "mean",
          "variance",
          "deviance",
          "observed",
          "median",
          "log-likelihood",
          "phi",
          "start",
          "with");

  private final Config links;
  private final Config families;

  private Families(Config links, Config families) {
    this.links = links;
    this.families = families;
  }

  /**
   * The table.
   *
   * @param own a configuration's own rows, as HOCON; empty text: none
   */
  static Families with(String own) {
    Config shipped =
        ConfigFactory.parseString(
            text(), ConfigParseOptions.defaults().setOriginDescription("families.conf"));
    Config families = shipped.getConfig("families");
    if (!own.isEmpty()) {
      families = ConfigFactory.parseString(own).withFallback(families);
    }
    return new Families(shipped.getConfig("links"), families);
  }

  private static String text() {
    try (InputStream stream = Families.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("the jar lacks " + RESOURCE);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all families. */
  Set<String> names() {
    return new TreeSet<>(families.root().keySet());
  }

  /**
   * A family.
   *
   * @throws JobException with exit code 2 if there is none of this name, or its row is wrong
   */
  Family family(String name) {
    if (!families.root().containsKey(name)) {
      List<String> near = Names.misspelt(name, new TreeSet<>(names()));
      throw Errors.configuration(
          "there is no family " + name,
          "curvature.model.family",
          near.isEmpty()
              ? "name one of " + String.join(", ", names())
              : "perhaps " + String.join(" or ", near) + " was meant");
    }
    try {
      return read(name, families.getConfig("\"" + name + "\""));
    } catch (ConfigException e) {
      throw wrong(name, e.getMessage());
    }
  }

  private static JobException wrong(String family, String what) {
    return Errors.configuration(
        "the family " + family + ": " + what,
        "curvature.model.families." + family,
        "write it as the rows of conf/families.conf are written");
  }

  private Family read(String name, Config row) {
    for (String key : row.root().keySet()) {
      if (!KEYS.contains(key)) {
        throw wrong(name, "has the unknown key " + key + "; known are " + new TreeSet<>(KEYS));
      }
    }
    Family.Kind kind = Family.Kind.valueOf(row.getString("response").toUpperCase(Locale.ROOT));
    Map<String, String> duration = texts(row, DURATION);
    if (kind == Family.Kind.DURATION && duration.size() < DURATION.size()) {
      throw wrong(name, "is of durations and needs " + String.join(", ", DURATION));
    }
    boolean needsLoss = kind == Family.Kind.NUMBER || kind == Family.Kind.COUNTS;
    if (needsLoss && !row.hasPath("loss")) {
      throw wrong(name, "has no loss");
    }
    Map<String, Family.NumberRow> numbers = new TreeMap<>();
    Config given = block(row, "numbers");
    given.root().keySet().forEach(key -> numbers.put(key, number(given.getConfig(key))));
    return new Family(
        name,
        kind,
        text(row, "support"),
        text(row, "support-in-words").orElse("as " + text(row, "support").orElse("")),
        row.hasPath("informative") ? row.getStringList("informative") : List.of(),
        row.getConfigList("predictors").stream().map(Families::predictor).toList(),
        numbers,
        texts(block(row, "define")),
        text(row, "loss"),
        duration,
        row.hasPath("dispersion") && row.getBoolean("dispersion"),
        texts(row, STATISTICS),
        text(row, "phi").filter("deviance / n"::equals).map(phi -> "deviance").orElse("pearson"),
        texts(block(row, "start")),
        texts(block(row, "with")));
  }

  private static Family.NumberRow number(Config row) {
    return new Family.NumberRow(
        row.getDouble("value"),
        row.getDouble("above"),
        row.hasPath("below") ? row.getDouble("below") : Double.POSITIVE_INFINITY);
  }

  private static Config block(Config row, String key) {
    return row.hasPath(key) ? row.getConfig(key) : ConfigFactory.empty();
  }

  private static Optional<String> text(Config row, String key) {
    return row.hasPath(key) ? Optional.of(row.getString(key)) : Optional.empty();
  }

  private static Map<String, String> texts(Config block) {
    Map<String, String> texts = new TreeMap<>();
    block.root().forEach((key, value) -> texts.put(key, value.unwrapped().toString()));
    return texts;
  }

  private static Map<String, String> texts(Config row, List<String> keys) {
    Map<String, String> texts = new LinkedHashMap<>();
    keys.forEach(key -> text(row, key).ifPresent(text -> texts.put(key, text)));
    return texts;
  }

  private static Family.PredictorRow predictor(Config row) {
    return new Family.PredictorRow(
        row.getString("name"),
        row.getStringList("links"),
        row.hasPath("scalar") && row.getBoolean("scalar"),
        row.hasPath("value") ? row.getDouble("value") : 0);
  }

  /**
   * A link.
   *
   * @throws JobException with exit code 2 if the predictor does not take it
   */
  Family.Link link(Family family, Family.PredictorRow predictor, Optional<String> name) {
    String chosen = name.orElse(predictor.links().get(0));
    if (!predictor.links().contains(chosen)) {
      throw Errors.configuration(
          "%s of the family %s has no link %s".formatted(predictor.name(), family.name(), chosen),
          "curvature.model.family.link",
          "take one of " + String.join(", ", predictor.links()));
    }
    if (!links.root().containsKey(chosen)
        || links.root().get(chosen).valueType() != ConfigValueType.OBJECT) {
      throw wrong(family.name(), "has an unknown link " + chosen);
    }
    Config row = links.getConfig("\"" + chosen + "\"");
    return new Family.Link(
        chosen,
        row.getString("inverse"),
        row.getString("derivative"),
        text(row, "log"),
        text(row, "log-complement"),
        text(row, "log-interval"),
        row.getString("link"),
        row.hasPath("reached") ? row.getStringList("reached") : List.of());
  }
}
