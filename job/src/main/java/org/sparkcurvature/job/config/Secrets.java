package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Masks what must not be written next to results: values whose key sounds like a secret, and
 * passwords inside URLs. Names in {@code model} and {@code input.tensors} are the user's own and
 * name no secrets.
 */
final class Secrets {
  static final String MASK = "(masked)";

  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "passw|passphrase|pwd|secret|token|credential|apikey|accesskey|signature"
              + "|(^|[^a-z0-9])(key|sas|auth)($|[^a-z0-9])");

  /** {@code ...://user:password@host}. */
  private static final Pattern USER_INFO = Pattern.compile("(://[^/@:\\s]*:)[^@\\s]+(@)");

  /** {@code ...?password=abc&...}, also with ; between the parts. */
  private static final Pattern PARAMETER =
      Pattern.compile("(?i)((?:passw\\w*|pwd|secret\\w*|token|\\w*key|sig|sas)=)[^;&\\s\"']+");

  private Secrets() {}

  static ConfigObject mask(ConfigObject curvature) {
    return mask("", curvature);
  }

  private static ConfigObject mask(String path, ConfigObject object) {
    Map<String, ConfigValue> masked = new LinkedHashMap<>();
    object.forEach((key, value) -> masked.put(key, mask(Decoding.join(path, key), value)));
    return ConfigValueFactory.fromMap(masked);
  }

  private static ConfigValue mask(String path, ConfigValue value) {
    if (path.equals("model") || path.equals("input.tensors")) {
      return value;
    }
    if (value instanceof ConfigObject object) {
      return mask(path, object);
    }
    if (value.valueType() == ConfigValueType.NULL) {
      return value;
    }
    if (SECRET_KEY.matcher(path.toLowerCase(Locale.ROOT)).find()) {
      return ConfigValueFactory.fromAnyRef(MASK);
    }
    if (value instanceof ConfigList list) {
      List<ConfigValue> elements = list.stream().map(element -> mask(path, element)).toList();
      return ConfigValueFactory.fromIterable(elements);
    }
    return value.unwrapped() instanceof String text
        ? ConfigValueFactory.fromAnyRef(inText(text))
        : value;
  }

  private static String inText(String text) {
    String masked = USER_INFO.matcher(text).replaceAll("$1" + MASK + "$2");
    return PARAMETER.matcher(masked).replaceAll("$1" + MASK);
  }
}
