package org.sparkcurvature.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Map;

/** A model that a formula was written out as, within the configuration that holds the formula. */
final class WrittenOut {
  private static final List<String> BLOCKS =
      List.of(
          "input.tensors", "input.encode", "model.parameters", "model.define", "model.statistics");
  private static final List<String> VALUES =
      List.of("input.where", "model.loss", "model.likelihood", "model.written-out");

  private WrittenOut() {}

  /**
   * The configuration with the model. What the user wrote of tensors, parameters, definitions and
   * statistics wins; a number in the place of a parameter is where it begins.
   */
  static Config merged(Config resolved, Config expansion, String root) {
    Config merged = resolved;
    for (String block : BLOCKS) {
      String path = root + "." + block;
      ConfigObject written = merged.getObject(path);
      ConfigObject result =
          expansion.hasPath(path) ? expansion.getObject(path) : ConfigFactory.empty().root();
      for (Map.Entry<String, ConfigValue> entry : written.entrySet()) {
        ConfigValue given = result.get(entry.getKey());
        ConfigValue own = entry.getValue();
        boolean isDefault = Decoding.isDefault(own.origin());
        if (own.valueType() != ConfigValueType.NULL && !(isDefault && given != null)) {
          result =
              result.withValue(
                  entry.getKey(),
                  given == null
                      ? own
                      : block.equals("model.parameters")
                          ? begun(own, given)
                          : block.equals("input.encode") ? own.withFallback(given) : own);
        } else if (given == null) {
          result = result.withValue(entry.getKey(), own);
        }
      }
      merged = merged.withValue(path, result);
    }
    for (String value : VALUES) {
      String path = root + "." + value;
      if (expansion.hasPath(path)) {
        merged = merged.withValue(path, expansion.getValue(path));
      }
    }
    String method = root + ".fit.method";
    if (expansion.hasPath(method) && Decoding.isDefault(merged.getValue(method).origin())) {
      merged = merged.withValue(method, expansion.getValue(method));
    }
    return merged;
  }

  /** A parameter of the model that begins where the user says. */
  private static ConfigValue begun(ConfigValue own, ConfigValue given) {
    ConfigObject block =
        own instanceof ConfigObject object
            ? object
            : ConfigValueFactory.fromMap(Map.of("value", own.unwrapped()), "a parameter's start");
    if (!(given instanceof ConfigObject written)) {
      return !begins(block)
          ? block.withValue("value", given)
          : block.containsKey("value") ? block.withValue("value", scalar(block.get("value"))) : own;
    }
    ConfigObject rest = written;
    if (begins(block)) {
      boolean keepsShape = written.containsKey("shape") || !written.containsKey("value");
      rest = written.withoutKey("value").withoutKey("fill");
      if (!keepsShape && written.get("value").valueType() == ConfigValueType.LIST) {
        rest =
            rest.withValue(
                "shape",
                ConfigValueFactory.fromIterable(
                    List.of(((List<?>) written.get("value").unwrapped()).size())));
      } else if (!keepsShape && block.containsKey("value")) {
        block = block.withValue("value", scalar(block.get("value")));
      }
    }
    return block.withFallback(rest);
  }

  private static boolean begins(ConfigObject block) {
    return block.containsKey("value") || block.containsKey("fill") || block.containsKey("normal");
  }

  /** A scalar that a program gives as a list of one number. */
  private static ConfigValue scalar(ConfigValue value) {
    return value instanceof ConfigList list && list.size() == 1 ? list.get(0) : value;
  }
}
