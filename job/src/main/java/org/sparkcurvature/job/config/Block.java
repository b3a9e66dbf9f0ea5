package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A block of a configuration while it is being decoded. It remembers which keys were asked for:
 * these are the known ones, and {@link #end} refuses all others.
 */
final class Block {

  /** Whether the block was found. One that was not has been reported and stays silent. */
  enum Standing {
    PRESENT,
    ABSENT
  }

  private final String path;
  private final ConfigObject object;
  private final Decoding decoding;
  private final Standing standing;
  private final Set<String> known = new TreeSet<>();
  private final Map<String, Block> blocks = new HashMap<>();

  Block(String path, ConfigObject object, Decoding decoding, Standing standing) {
    this.path = path;
    this.object = object;
    this.decoding = decoding;
    this.standing = standing;
  }

  static Block absent(String path, Decoding decoding) {
    return new Block(path, ConfigFactory.empty().root(), decoding, Standing.ABSENT);
  }

  /** This block, where keys that are not written are those of another one but for some. */
  Block over(Block other, List<String> without) {
    ConfigObject merged = other.object;
    for (String key : without) {
      merged = merged.withoutKey(key);
    }
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      // Not withFallback: what was written over a default of null takes no fallback.
      merged = merged.withValue(entry.getKey(), entry.getValue());
    }
    return new Block(path, merged, decoding, standing);
  }

  boolean present() {
    return standing == Standing.PRESENT;
  }

  Decoding decoding() {
    return decoding;
  }

  String path(String key) {
    return Decoding.join(path, key);
  }

  /** What stands at a key; null in a configuration is the same as nothing. */
  Optional<Setting> find(String key) {
    known.add(key);
    decoding.ask(path(key));
    return Optional.ofNullable(object.get(key))
        .filter(value -> value.valueType() != ConfigValueType.NULL)
        .map(value -> new Setting(path(key), value, decoding));
  }

  /** As {@link #find}, and a problem when there is nothing. */
  Optional<Setting> require(String key, String remedy) {
    Optional<Setting> found = find(key);
    if (found.isEmpty() && standing == Standing.PRESENT) {
      ConfigValue written = object.get(key);
      if (written != null && !Decoding.isDefault(written.origin())) {
        decoding.problem(path(key), written, "is null, but needs a value", remedy);
      } else {
        decoding.problem(path(key), "is missing", remedy);
      }
    }
    return found;
  }

  Optional<String> text(String key) {
    return find(key).flatMap(Setting::text);
  }

  /** Text that must be there; empty after a problem. */
  String requiredText(String key, String remedy) {
    return require(key, remedy).flatMap(Setting::text).orElse("");
  }

  List<String> texts(String key) {
    return find(key).map(Setting::texts).orElse(List.of());
  }

  boolean flag(String key) {
    return require(key, BY_DEFAULT).flatMap(Setting::flag).orElse(false);
  }

  <E extends Enum<E>> E choice(String key, E[] values) {
    return require(key, BY_DEFAULT).flatMap(setting -> setting.choice(values)).orElse(values[0]);
  }

  /** A number above 0; 1 after a problem. */
  double positive(String key) {
    Optional<Setting> found = require(key, BY_DEFAULT);
    Optional<Double> number = found.flatMap(Setting::number);
    if (number.isPresent() && number.get() <= 0) {
      found.get().wrong("a number above 0");
    }
    return number.orElse(1.0);
  }

  /** A size in bytes; one without a unit that looks like a slip gives a warning. */
  long bytes(String key) {
    Optional<Setting> found = require(key, BY_DEFAULT);
    Optional<Long> bytes = found.flatMap(Setting::bytes);
    bytes
        .map(value -> found.get().raw())
        .filter(text -> text.matches("\\d{1,4}"))
        .ifPresent(
            text ->
                decoding.warn(
                    "%s = %s is %s bytes; write %sm for as many MiB"
                        .formatted(path(key), text, text, text)));
    return bytes.orElse(1L);
  }

  /** The block at a key; one that is not there is reported once and stays silent. */
  Block block(String key) {
    return blocks.computeIfAbsent(
        key,
        k ->
            require(k, "write it as " + k + " { ... }")
                .map(Setting::block)
                .orElseGet(() -> absent(path(k), decoding)));
  }

  /** Everything in the block, for blocks whose keys are the user's: as written, where known. */
  Map<String, Setting> entries() {
    return entriesBut(Set.of());
  }

  private Map<String, Setting> entriesBut(Set<String> keys) {
    Map<String, Setting> entries = new LinkedHashMap<>();
    object.entrySet().stream()
        .filter(entry -> !keys.contains(entry.getKey()))
        .filter(entry -> entry.getValue().valueType() != ConfigValueType.NULL)
        .sorted(decoding.order().of(path))
        .forEach(
            entry ->
                entries.put(
                    entry.getKey(), new Setting(path(entry.getKey()), entry.getValue(), decoding)));
    return entries;
  }

  /** Refuses keys that nobody asked for. */
  void end() {
    entriesBut(known)
        .forEach((key, setting) -> setting.problem("is an unknown key", remedyForUnknown(key)));
  }

  private boolean isWritten(String key) {
    ConfigValue value = object.get(key);
    return value != null && !Decoding.isDefault(value.origin());
  }

  /** Whether a key is not written, and one is that there is not and that seems to stand for it. */
  boolean isMisspelt(String key) {
    return !isWritten(key)
        && object.keySet().stream()
            .filter(other -> !decoding.blocksWith(other).contains(path))
            .anyMatch(other -> Nearest.to(other, List.of(key)).isPresent());
  }

  private String remedyForUnknown(String key) {
    Optional<String> nearest = Nearest.to(key, known);
    if (nearest.isPresent()) {
      if (!isWritten(nearest.get())) {
        decoding.misspelt(path(nearest.get()));
      }
      return "did you mean " + nearest.get() + "?";
    }
    Set<String> elsewhere = decoding.blocksWith(key);
    if (!elsewhere.isEmpty()) {
      List<String> places =
          elsewhere.stream().map(place -> place.isEmpty() ? key : place + "." + key).toList();
      return "did you mean " + String.join(" or ", places) + "?";
    }
    return "known here: " + String.join(", ", known);
  }

  private static final String BY_DEFAULT = "leave the key out to have the default";
}
