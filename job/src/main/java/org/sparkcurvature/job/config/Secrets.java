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
import java.util.Set;
import java.util.regex.Pattern;
import org.sparkcurvature.job.errors.PublicText;

/**
 * Masks what must not be written next to results: values whose key sounds like a secret, and
 * passwords inside URLs. Names in {@code model} and {@code input.tensors} or {@code input.encode}
 * are the user's own and name no secrets; expressions keep all but their comments and what is known
 * for a secret by its form.
 */
final class Secrets {
  /** Of a key without its punctuation. */
  private static final Pattern SECRET_KEY = Pattern.compile(PublicText.SECRET_STEMS + "|pwd|jaas");

  /** Words of a key that are as telling where they stand alone. */
  private static final Set<String> SECRET_WORDS =
      Set.of("pass", "pin", "pw", "psk", "key", "sas", "sig", "auth", "authorization");

  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])");

  /** Keys and blocks that hold expressions, also within a validation input. */
  private static final Pattern EXPRESSIONS =
      Pattern.compile(
          "(influence\\.validation|input)\\.(tensors|encode|where|weight)(\\..*)?"
              + "|model\\.(?!parameters-from$).*|infer\\.(groups|functions|tests)(\\..*)?|fit\\.by|influence\\.on|(predict|effects)\\.(of|by)");

  private static final Pattern OWN_NAMES =
      Pattern.compile(
          "(model|(input|influence\\.validation)\\.(tensors|encode)|infer\\.(functions|tests)|fit\\.l[12])(\\..*)?");

  private Secrets() {}

  static ConfigObject mask(ConfigObject curvature) {
    return mask("", curvature);
  }

  private static ConfigObject mask(String path, ConfigObject object) {
    Map<String, ConfigValue> masked = new LinkedHashMap<>();
    // A key may be anything where it names a column.
    object.forEach(
        (key, value) -> masked.put(PublicText.masked(key), mask(Decoding.join(path, key), value)));
    return ConfigValueFactory.fromMap(masked);
  }

  private static ConfigValue mask(String path, ConfigValue value) {
    if (value instanceof ConfigObject object) {
      return mask(path, object);
    }
    if (value.valueType() == ConfigValueType.NULL) {
      return value;
    }
    if (!OWN_NAMES.matcher(path).matches() && isSecret(path)) {
      return ConfigValueFactory.fromAnyRef(PublicText.MASK);
    }
    if (value instanceof ConfigList list) {
      List<ConfigValue> elements = list.stream().map(element -> mask(path, element)).toList();
      return ConfigValueFactory.fromIterable(elements);
    }
    return value.unwrapped() instanceof String text ? masked(path, text, value) : value;
  }

  /** The value itself where nothing is masked: made anew it could be written otherwise. */
  private static ConfigValue masked(String path, String text, ConfigValue value) {
    String masked;
    if (path.endsWith(".sql")) {
      masked = PublicText.maskedSql(text);
    } else if (EXPRESSIONS.matcher(path).matches()) {
      masked = PublicText.maskedExpression(text);
    } else {
      masked = PublicText.masked(text);
    }
    return masked.equals(text) ? value : ConfigValueFactory.fromAnyRef(masked);
  }

  private static boolean isSecret(String path) {
    String together = path.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    return SECRET_KEY.matcher(together).find()
        || BETWEEN_WORDS
            .splitAsStream(path)
            .anyMatch(word -> SECRET_WORDS.contains(word.toLowerCase(Locale.ROOT)));
  }
}
