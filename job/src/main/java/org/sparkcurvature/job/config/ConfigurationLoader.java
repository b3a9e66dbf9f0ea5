package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.sparkcurvature.job.errors.PublicText;

/**
 * Reads, merges, resolves and decodes configurations. What is wrong is collected and refused
 * together, in one {@link ConfigurationException}.
 */
public final class ConfigurationLoader {
  private static final String ROOT = "curvature";

  /** What HOCON does not take in text without quotes, and how its comments begin. */
  private static final Pattern NOT_HOCON = Pattern.compile("[\\]}:=,+#`^?!@*&\\\\]|//");

  private final UriReader reader;
  private final Map<String, String> environment;
  private final ExpressionReader expressions;

  /**
   * A loader that leaves expressions unread.
   *
   * @param reader reads configurations, what they include, and {@code parameters-from}
   * @param environment variables for substitutions such as <code>${DATA}</code>
   */
  public ConfigurationLoader(UriReader reader, Map<String, String> environment) {
    this(reader, environment, ExpressionReader.NONE);
  }

  /**
   * @param reader reads configurations, what they include, and {@code parameters-from}
   * @param environment variables for substitutions such as <code>${DATA}</code>
   * @param expressions reads the model's expressions
   */
  public ConfigurationLoader(
      UriReader reader, Map<String, String> environment, ExpressionReader expressions) {
    this.reader = requireNonNull(reader);
    this.environment = Map.copyOf(environment);
    this.expressions = requireNonNull(expressions);
  }

  /**
   * Loads one configuration. Values are taken from the settings, then the files, then the defaults,
   * and substitutions are resolved after that.
   *
   * @param locations paths or URIs, later ones win over earlier ones; at least one
   * @param settings {@code path=value}, the path without the root {@code curvature}, the value in
   *     HOCON; later ones win over earlier ones
   * @throws ConfigurationException with everything that is wrong
   */
  public LoadedConfiguration load(List<String> locations, List<String> settings) {
    return load(locations, settings, Purpose.DERIVATIVES);
  }

  /**
   * As the other {@code load}, for a purpose.
   *
   * @throws ConfigurationException with everything that is wrong
   */
  public LoadedConfiguration load(List<String> locations, List<String> settings, Purpose purpose) {
    Config defaults = Defaults.load();
    Decoding decoding = new Decoding(defaults.getObject(ROOT));
    List<Config> parts = new ArrayList<>();
    Config written = ConfigFactory.empty();
    for (String location : locations) {
      Config parsed = parse(location, decoding);
      parts.add(parsed);
      order(parsed, decoding);
      written = parsed.withFallback(written);
    }
    for (String setting : settings) {
      Config parsed = setting(setting, decoding);
      parts.add(parsed);
      order(parsed, decoding);
      written = parsed.withFallback(written);
    }
    refuse(decoding);

    Config resolved =
        withDefaults(resolve(written.withFallback(defaults), decoding), defaults, settings);
    refuseOtherRoots(written, resolved, decoding);
    return loaded(resolved, parts, decoding, purpose);
  }

  private LoadedConfiguration loaded(
      Config resolved, List<Config> parts, Decoding decoding, Purpose purpose) {
    RunConfiguration configuration = decode(resolved, decoding, purpose);
    decoding.finish();
    refuse(decoding);
    return new LoadedConfiguration(
        configuration,
        render(resolved.getObject(ROOT)),
        locations("", resolved.getObject(ROOT)),
        text(resolved, ROOT + ".model.parameters-from"),
        model -> writtenOut(model, resolved, parts, purpose),
        decoding.warnings());
  }

  /** The configuration with a model that a formula was written out as. */
  private LoadedConfiguration writtenOut(
      String model, Config resolved, List<Config> parts, Purpose purpose) {
    String description = "the formula written out";
    Config expansion =
        ConfigFactory.parseString(
            model, ConfigParseOptions.defaults().setOriginDescription(description));
    Decoding decoding = new Decoding(Defaults.load().getObject(ROOT));
    decoding.order().text(description, model);
    order(expansion, decoding);
    parts.forEach(part -> order(part, decoding));
    return loaded(WrittenOut.merged(resolved, expansion, ROOT), parts, decoding, purpose);
  }

  /** With the defaults of the keys that a setting of null undoes. */
  private static Config withDefaults(Config resolved, Config defaults, List<String> settings) {
    Config result = resolved;
    for (String setting : settings) {
      String path = ROOT + "." + setting.substring(0, setting.indexOf('=')).strip();
      boolean isDefault = defaults.hasPath(path);
      if (isDefault && resolved.hasPathOrNull(path) && resolved.getIsNull(path)) {
        result = result.withValue(path, defaults.getValue(path));
      }
    }
    return result;
  }

  private static Optional<String> text(Config resolved, String path) {
    return resolved.hasPath(path) ? Optional.of(resolved.getString(path)) : Optional.empty();
  }

  /** Notes in which order the keys under the root were written. */
  private static void order(Config parsed, Decoding decoding) {
    if (parsed.root().get(ROOT) instanceof ConfigObject curvature) {
      decoding.order().add(curvature);
    }
  }

  /** Decodes what stands under the root, for better or worse: problems are in the decoding. */
  RunConfiguration decode(Config resolved, Decoding decoding, Purpose purpose) {
    return RunDecoder.decode(
        new Setting("", resolved.root().get(ROOT), decoding).block(), reader, expressions, purpose);
  }

  private static void refuse(Decoding decoding) {
    if (!decoding.problems().isEmpty()) {
      throw new ConfigurationException(decoding.problems());
    }
  }

  private Config parse(String location, Decoding decoding) {
    try {
      return Includer.parse(location, reader, decoding.order()::text);
    } catch (IOException e) {
      decoding.problem(
          "--config",
          UnreadableFile.reason(location, e),
          "give the path or URI of a configuration that can be read");
    } catch (ConfigException e) {
      decoding.problem(malformed("--config " + location, e));
    }
    return ConfigFactory.empty();
  }

  private static Config setting(String setting, Decoding decoding) {
    String option = "--set " + setting;
    int equals = setting.indexOf('=');
    String path = equals < 0 ? "" : setting.substring(0, equals).strip();
    if (path.isEmpty() || setting.substring(equals + 1).isBlank()) {
      decoding.problem(option, "is not path=value", "write it as --set derive.reduction=sum");
      return ConfigFactory.empty();
    }
    try {
      List<String> keys = ConfigUtil.splitPath(path);
      if (keys.get(0).equals(ROOT)) {
        decoding.problem(
            option,
            "begins with the root curvature, which --set omits",
            "write --set " + setting.substring(setting.indexOf('.') + 1));
        return ConfigFactory.empty();
      }
      String value = setting.substring(equals + 1);
      String description = "--set " + path;
      if (isText(value.strip())) {
        return ConfigValueFactory.fromAnyRef(value.strip(), description).atPath(ROOT + "." + path);
      }
      return ConfigFactory.parseString(
          ROOT + "." + path + " = " + value,
          ConfigParseOptions.defaults().setOriginDescription(description));
    } catch (ConfigException e) {
      Problem problem = malformed(option, e);
      decoding.problem(
          new Problem(
              option,
              Optional.empty(),
              problem.what(),
              "the value is HOCON: put text in double quotes, as in --set 'model.loss=\"a * b\"'"));
      return ConfigFactory.empty();
    }
  }

  /**
   * Whether a setting's value stands for itself: it begins as no quoted text, list or block of
   * HOCON, has no substitution, and holds a character that HOCON would want quoted or take for a
   * comment, as {@code age >= 18} and {@code s3a://bucket/day} do.
   */
  private static boolean isText(String value) {
    return "\"[{".indexOf(value.charAt(0)) < 0
        && !value.contains("${")
        && NOT_HOCON.matcher(value).find();
  }

  private static Problem malformed(String path, ConfigException e) {
    if (e.origin() == null) {
      return new Problem(path, Optional.empty(), message(e), "mend the file");
    }
    return new Problem(
        path, Decoding.location(e.origin()), "is malformed HOCON: " + message(e), "mend that line");
  }

  /** The message without the place, which a problem has by itself. */
  private static String message(ConfigException e) {
    String place = e.origin() == null ? "" : e.origin().description() + ": ";
    String message = e.getMessage();
    return message.startsWith(place) ? message.substring(place.length()) : message;
  }

  /** Resolves substitutions; every variable that is missing becomes a problem and a stand-in. */
  private Config resolve(Config config, Decoding decoding) {
    Variables variables = new Variables(environment);
    ConfigResolveOptions options = ConfigResolveOptions.noSystem().appendResolver(variables);
    while (true) {
      try {
        return config.resolve(options);
      } catch (ConfigException.UnresolvedSubstitution e) {
        String name = variables.last();
        Optional<String> location = Optional.ofNullable(e.origin()).flatMap(Decoding::location);
        boolean cycle = e.getMessage().contains("cycle of substitutions");
        if (cycle || !variables.standIn(name)) {
          decoding.problem(new Problem("substitutions", location, message(e), "break the cycle"));
          throw new ConfigurationException(decoding.problems());
        }
        decoding.problem(
            new Problem(
                "${" + name + "}",
                location,
                "neither an environment variable nor a key of the configuration has this name",
                name.contains(".")
                    ? "give that key, or correct the name"
                    : "set the environment variable " + name));
      } catch (ConfigException e) {
        decoding.problem(malformed("substitution", e));
        throw new ConfigurationException(decoding.problems());
      }
    }
  }

  /** Other roots may hold values for substitutions; a misspelt one, though, would go unread. */
  private static void refuseOtherRoots(Config written, Config resolved, Decoding decoding) {
    if (written.root().containsKey(ROOT)) {
      return;
    }
    for (String root : written.root().keySet()) {
      if (Nearest.to(root, List.of(ROOT)).isPresent()) {
        ConfigValue value = resolved.root().get(root);
        decoding.problem(root, value, "is an unknown root", "did you mean curvature?");
        refuse(decoding);
      }
    }
    decoding.problem(
        ROOT, "is missing from the configuration", "write everything as curvature { ... }");
    refuse(decoding);
  }

  private static Map<String, String> locations(String path, ConfigObject object) {
    Map<String, String> locations = new HashMap<>();
    object.forEach(
        (key, value) -> {
          String at = Decoding.join(path, key);
          Decoding.location(value.origin()).ifPresent(location -> locations.put(at, location));
          if (value instanceof ConfigObject child) {
            locations.putAll(locations(at, child));
          }
        });
    return locations;
  }

  private static String render(ConfigObject curvature) {
    ConfigRenderOptions options =
        ConfigRenderOptions.defaults().setOriginComments(false).setComments(false).setJson(false);
    return "# The configuration as resolved; secrets are masked.\n"
        + PublicText.escaped(Secrets.mask(curvature).atKey(ROOT).root().render(options));
  }

  /** What a program's result keeps: rows that were in memory have no place to be read from. */
  static String inFolder(String resolved, String path) {
    Config kept =
        ConfigFactory.parseString(resolved)
            .withoutPath(ROOT + ".input.table")
            .withValue(ROOT + ".output.path", ConfigValueFactory.fromAnyRef(path));
    return render(kept.getObject(ROOT));
  }
}
