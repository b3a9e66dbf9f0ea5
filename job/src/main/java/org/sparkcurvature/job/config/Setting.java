package org.sparkcurvature.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Shape;

/**
 * One value of a configuration and where it stands. What does not convert is reported as a problem
 * and comes back empty.
 */
record Setting(String path, ConfigValue value, Decoding decoding) {

  /** The last part of the path. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Says, with the path before it, what is allowed and yet worth a line on standard error. */
  void warn(String predicate) {
    decoding.warn(path + " " + predicate + ".");
  }

  void problem(String what, String remedy) {
    decoding.problem(path, value, what, remedy);
  }

  /** Whether a variable in it is not set, which has been reported. */
  boolean unset() {
    return Decoding.unset(value);
  }

  /** Whether the user wrote it, as opposed to a default. */
  boolean written() {
    return !Decoding.isDefault(value.origin());
  }

  /** Whether both were written in the same file, or as the same option. */
  boolean isBeside(Setting other) {
    return Decoding.file(value.origin()).equals(Decoding.file(other.value.origin()));
  }

  boolean isList() {
    return value.valueType() == ConfigValueType.LIST;
  }

  boolean isBlock() {
    return value.valueType() == ConfigValueType.OBJECT;
  }

  boolean isScalar() {
    return !isList() && !isBlock() && value.valueType() != ConfigValueType.NULL;
  }

  /** A number, a truth value or text that is not blank, as it was written. */
  Optional<String> text() {
    if (!isScalar()) {
      return wrong("text");
    }
    String text = raw();
    if (text.isBlank()) {
      problem("is empty", "write a value or leave the key out");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /** Texts: a list of them, or one alone. */
  List<String> texts() {
    if (!isList()) {
      return text().map(List::of).orElse(List.of());
    }
    return elements().stream().flatMap(element -> element.text().stream()).toList();
  }

  Optional<Boolean> flag() {
    if (isScalar()) {
      try {
        return Optional.of(wrapped().getBoolean("v"));
      } catch (ConfigException e) {
        return wrong("true or false");
      }
    }
    return wrong("true or false");
  }

  <E extends Enum<E>> Optional<E> choice(E[] values) {
    String allowed =
        Arrays.stream(values).map(Setting::spelling).collect(Collectors.joining(" | "));
    if (!isScalar()) {
      return wrong("one of " + allowed);
    }
    String text = raw();
    Optional<E> found = Arrays.stream(values).filter(v -> spelling(v).equals(text)).findFirst();
    if (found.isEmpty()) {
      List<String> names = Arrays.stream(values).map(Setting::spelling).toList();
      problem(
          "must be one of " + allowed + ", but is " + describe(),
          Nearest.suggestion(text, names, "take one of these"));
    }
    return found;
  }

  static String spelling(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A finite number. */
  Optional<Double> number() {
    Optional<BigDecimal> exact = decimal();
    if (exact.isEmpty()) {
      return wrong("a finite number");
    }
    double number = Double.parseDouble(raw());
    return Double.isFinite(number) ? Optional.of(number) : wrong("a finite number");
  }

  /** A whole number between bounds, both included. */
  Optional<Long> whole(long least, long most) {
    String wanted =
        least == Long.MIN_VALUE
            ? "a whole number"
            : most == Long.MAX_VALUE
                ? "a whole number of at least " + least
                : "a whole number from " + least + " to " + most;
    Optional<BigDecimal> number = decimal();
    if (number.isEmpty()
        || number.get().stripTrailingZeros().scale() > 0
        || number.get().compareTo(BigDecimal.valueOf(least)) < 0
        || number.get().compareTo(BigDecimal.valueOf(most)) > 0) {
      return wrong(wanted);
    }
    return Optional.of(number.get().longValueExact());
  }

  private Optional<BigDecimal> decimal() {
    if (!isScalar() || value.valueType() == ConfigValueType.BOOLEAN) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(raw().strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A size such as {@code 64m}, in bytes, at least 1. */
  Optional<Long> bytes() {
    String wanted = "a size of at least 1 byte, such as 64m";
    if (!isScalar()) {
      return wrong(wanted);
    }
    try {
      long bytes = wrapped().getMemorySize("v").toBytes();
      if (bytes < 1) {
        return wrong(wanted);
      }
      return Optional.of(bytes);
    } catch (ConfigException | IllegalArgumentException | ArithmeticException e) {
      return wrong(wanted);
    }
  }

  /** A shape such as {@code [8, 3]}; {@code []} for a scalar. */
  Optional<Shape> shape() {
    if (!isList()) {
      return wrong("a list of sizes, such as [8, 3]");
    }
    List<Setting> elements = elements();
    List<Integer> extents = new ArrayList<>();
    long size = 1;
    for (Setting element : elements) {
      Optional<Long> extent = element.whole(1, Integer.MAX_VALUE);
      if (extent.isEmpty()) {
        return Optional.empty();
      }
      extents.add(extent.get().intValue());
      size = size > Integer.MAX_VALUE ? size : size * extent.get();
    }
    if (size > Integer.MAX_VALUE) {
      problem("has more than " + Integer.MAX_VALUE + " elements", "make the tensor smaller");
      return Optional.empty();
    }
    return Optional.of(new Shape(extents));
  }

  List<Setting> elements() {
    List<Setting> elements = new ArrayList<>();
    for (ConfigValue element : (ConfigList) value) {
      elements.add(new Setting(path + "[" + elements.size() + "]", element, decoding));
    }
    return elements;
  }

  /** The block, or a problem and an empty one that asks for nothing. */
  Block block() {
    if (value instanceof ConfigObject object) {
      return new Block(path, object, decoding, Block.Standing.PRESENT);
    }
    problem(
        "must be a block { ... }, but is " + describe(),
        "write "
            + (path.isEmpty() ? "curvature" : path.substring(path.lastIndexOf('.') + 1))
            + " { name = value }");
    return Block.absent(path, decoding);
  }

  /** Reports that something else was wanted. */
  <T> Optional<T> wrong(String wanted) {
    problem("must be " + wanted + ", but is " + describe(), "change the value");
    return Optional.empty();
  }

  String describe() {
    return switch (value.valueType()) {
      case OBJECT -> "a block";
      case LIST -> "a list";
      case NULL -> "null";
      case STRING -> "the text \"" + raw() + "\"";
      case NUMBER, BOOLEAN -> raw();
    };
  }

  /** A number, a truth value or text, as it was written. */
  String raw() {
    return wrapped().getString("v");
  }

  private Config wrapped() {
    return value.atKey("v");
  }
}
