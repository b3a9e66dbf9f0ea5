package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What substitutions resolve to when the configuration itself does not say: variables of the
 * environment, and a stand-in for those found missing, so that all of them can be named.
 */
final class Variables implements ConfigResolver {
  private final Map<String, String> environment;
  private final Set<String> missing = new HashSet<>();
  private String last = "";

  Variables(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public ConfigValue lookup(String path) {
    last = String.join(".", ConfigUtil.splitPath(path));
    if (missing.contains(last)) {
      return ConfigValueFactory.fromAnyRef(Decoding.UNSET, "unset variable " + last);
    }
    String value = environment.get(last);
    return value == null
        ? null
        : ConfigValueFactory.fromAnyRef(value, "environment variable " + last);
  }

  @Override
  public ConfigResolver withFallback(ConfigResolver fallback) {
    return this;
  }

  /** The path that was looked up last. */
  String last() {
    return last;
  }

  /** Lets a path resolve to the stand-in from now on; false when it did already. */
  boolean standIn(String path) {
    return missing.add(path);
  }
}
