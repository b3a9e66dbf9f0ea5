package org.sparkcurvature.job.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Shape;

/**
 * Decodes one entry of {@code model.parameters} and takes over what a parameter file says of it.
 */
final class ParameterDecoder {
  private static final String GIVE_VALUES =
      "give fill = 0.0, normal { scale = 0.1, seed = 7 } or value = [...], or parameters-from";

  private final Map<String, TensorConfig> tensors;

  ParameterDecoder(Map<String, TensorConfig> tensors) {
    this.tensors = tensors;
  }

  /** What {@code model.parameters} says; whatever may still come from a file is optional. */
  private record Declared(
      Optional<Shape> shape,
      Optional<String> labelsOf,
      List<String> labels,
      boolean named,
      Optional<InitialValues> initial,
      Transform transform,
      ParameterConfig.Standing standing,
      Optional<Bound> lower,
      Optional<Bound> upper,
      boolean nuisance,
      List<Integer> held) {}

  /** Numbers as they were written, row-major, and the shape of the brackets around them. */
  private record Written(double[] values, Shape shape) {}

  /** A parameter that is declared, in view of the file's values of it. */
  Optional<ParameterConfig> decode(Setting setting, Optional<ParameterFile> file) {
    int before = setting.decoding().problems().size();
    Declared declared = declared(setting);
    if (setting.unset() || setting.decoding().problems().size() > before) {
      return Optional.empty();
    }
    String name = setting.name();
    Optional<ParameterFile.Entry> entry = file.flatMap(f -> f.entry(name));
    if (entry.isPresent()) {
      return merge(setting, declared, file.get().location(), entry.get());
    }
    if (declared.shape().isEmpty() && declared.labelsOf().isEmpty()) {
      setting.problem("has no shape", "give shape = [3], or labels = a tensor of the same shape");
      return Optional.empty();
    }
    if (declared.initial().isEmpty()) {
      setting.problem("has no value", GIVE_VALUES);
      return Optional.empty();
    }
    return Optional.of(
        new ParameterConfig(
            declared.shape(),
            declared.labelsOf(),
            declared.labels(),
            declared.named(),
            declared.initial().get(),
            declared.transform(),
            declared.standing(),
            declared.lower(),
            declared.upper(),
            declared.nuisance(),
            declared.held()));
  }

  /** A parameter that only a file knows. */
  static ParameterConfig of(ParameterFile.Entry entry) {
    return new ParameterConfig(
        Optional.of(entry.shape()),
        Optional.empty(),
        entry.labels(),
        entry.named(),
        new InitialValues.Given(entry.values()),
        Transform.NONE,
        entry.standing(),
        Optional.empty(),
        Optional.empty(),
        false,
        entry.held());
  }

  private static Optional<ParameterConfig> merge(
      Setting setting, Declared declared, String file, ParameterFile.Entry entry) {
    if (declared.shape().isPresent() && !declared.shape().get().equals(entry.shape())) {
      setting.problem(
          "has shape %s, but shape %s in %s".formatted(declared.shape().get(), entry.shape(), file),
          "make them agree");
      return Optional.empty();
    }
    if (!declared.labels().isEmpty()
        && !entry.labels().isEmpty()
        && !declared.labels().equals(entry.labels())) {
      setting.problem(
          "has the labels %s, but %s in %s".formatted(declared.labels(), entry.labels(), file),
          "make them agree: values belong to labels");
      return Optional.empty();
    }
    return Optional.of(
        new ParameterConfig(
            Optional.of(entry.shape()),
            declared.labelsOf(),
            entry.labels().isEmpty() ? declared.labels() : entry.labels(),
            declared.named() || entry.named(),
            new InitialValues.Given(entry.values()),
            declared.transform(),
            declared.standing() == ParameterConfig.Standing.FREE
                ? entry.standing()
                : declared.standing(),
            declared.lower(),
            declared.upper(),
            declared.nuisance(),
            Stream.concat(declared.held().stream(), entry.held().stream()).distinct().toList()));
  }

  private Declared declared(Setting setting) {
    if (!setting.isBlock()) {
      Optional<Written> written = written(setting);
      return new Declared(
          written.map(Written::shape),
          Optional.empty(),
          List.of(),
          false,
          written.map(w -> new InitialValues.Given(w.values())),
          Transform.NONE,
          ParameterConfig.Standing.FREE,
          Optional.empty(),
          Optional.empty(),
          false,
          List.of());
    }
    Block block = setting.block();
    Optional<Setting> shapeSetting = block.find("shape");
    Optional<Setting> labels = block.find("labels");
    Optional<Setting> fill = block.find("fill");
    Optional<Setting> normal = block.find("normal");
    Optional<Setting> value = block.find("value");
    Transform transform =
        block
            .find("transform")
            .flatMap(chosen -> chosen.choice(Transform.values()))
            .orElse(Transform.NONE);
    Optional<Setting> names = block.find("names");
    boolean fixed = block.find("fixed").flatMap(Setting::flag).orElse(false);
    boolean nuisance = block.find("nuisance").flatMap(Setting::flag).orElse(false);
    Optional<Setting> lower = block.find("lower");
    Optional<Setting> upper = block.find("upper");
    if (transform != Transform.NONE) {
      Stream.of(lower, upper)
          .flatMap(Optional::stream)
          .forEach(
              bound ->
                  bound.problem(
                      "is there with transform = "
                          + Setting.spelling(transform)
                          + ", which has bounds of its own",
                      "keep one"));
    }
    block.end();
    refuseBoth(
        Stream.of(shapeSetting, labels).flatMap(Optional::stream).toList(),
        "a parameter's shape comes from one of them");
    refuseBoth(
        Stream.of(fill, normal, value).flatMap(Optional::stream).toList(),
        "a parameter's value comes from one of them");

    Optional<String> labelsOf = labels.flatMap(Setting::text);
    Optional<TensorConfig> tensor = labelsOf.flatMap(name -> tensor(labels.get(), name));
    Optional<Shape> shape =
        shapeSetting.isPresent()
            ? shapeSetting.flatMap(Setting::shape)
            : tensor.flatMap(ParameterDecoder::shape);
    List<String> named = names.map(Setting::texts).orElse(List.of());
    Optional<InitialValues> initial = Optional.empty();
    if (fill.isPresent()) {
      initial = fill.get().number().map(InitialValues.Fill::new);
    } else if (normal.isPresent()) {
      initial = normal(normal.get().block());
    } else if (value.isPresent()) {
      Optional<Written> written = written(value.get());
      if (written.isPresent()) {
        shape = shapeOf(value.get(), written.get(), shape, labels.isPresent());
        initial = Optional.of(new InitialValues.Given(written.get().values()));
      }
    }
    shape
        .filter(known -> !transform.fits(known))
        .ifPresent(
            known ->
                setting.problem(
                    "has the shape %s, and transform = %s takes a vector of at least 2 elements"
                        .formatted(known, Setting.spelling(transform)),
                    "give another shape or transform"));
    int size = shape.map(Shape::size).orElse(named.size());
    names
        .filter(given -> named.size() != size)
        .ifPresent(
            given ->
                given.problem(
                    "has %d names for %d elements".formatted(named.size(), size),
                    "name each element, row-major, or leave names out"));
    return new Declared(
        shape,
        labelsOf,
        named.isEmpty() ? tensor.map(ParameterDecoder::labels).orElse(List.of()) : named,
        !named.isEmpty(),
        initial,
        transform,
        fixed ? ParameterConfig.Standing.FIXED : ParameterConfig.Standing.FREE,
        lower.flatMap(Bound::decode),
        upper.flatMap(Bound::decode),
        nuisance,
        tensor.filter(ParameterDecoder::hasReference).map(t -> List.of(0)).orElse(List.of()));
  }

  /** A parameter of a category has an element for each of its levels. */
  private static Optional<Shape> shape(TensorConfig tensor) {
    return tensor instanceof TensorConfig.Encoded encoded
        ? encoded.shapeOfLevels()
        : tensor.knownShape();
  }

  private static List<String> labels(TensorConfig tensor) {
    return tensor instanceof TensorConfig.Encoded encoded ? encoded.levels() : tensor.labels();
  }

  private static boolean hasReference(TensorConfig tensor) {
    return tensor instanceof TensorConfig.Encoded encoded && encoded.reference().isPresent();
  }

  private Optional<TensorConfig> tensor(Setting setting, String name) {
    if (!tensors.containsKey(name) && !tensors.isEmpty()) {
      setting.problem(
          "names no tensor: " + name,
          Nearest.suggestion(
              name, tensors.keySet(), "name one of " + String.join(", ", tensors.keySet())));
    }
    return Optional.ofNullable(tensors.get(name));
  }

  private static void refuseBoth(List<Setting> given, String reason) {
    if (given.size() > 1) {
      String names = given.stream().map(Setting::name).collect(Collectors.joining(" and "));
      given.get(1).problem(names + " are both there, but " + reason, "keep one");
    }
  }

  private static Optional<InitialValues> normal(Block block) {
    Optional<Double> scale =
        block.require("scale", "give the standard deviation: scale = 0.1").flatMap(Setting::number);
    if (scale.isPresent() && scale.get() < 0) {
      block.find("scale").ifPresent(setting -> setting.wrong("a number of at least 0"));
    }
    Optional<Long> seed =
        block
            .require("seed", "give the generator's seed, so that runs can be repeated: seed = 7")
            .flatMap(setting -> setting.whole(Long.MIN_VALUE, Long.MAX_VALUE));
    block.end();
    return scale.flatMap(s -> seed.map(n -> new InitialValues.Normal(s, n)));
  }

  /** The shape of values: the declared one where there is one, which they must meet. */
  private static Optional<Shape> shapeOf(
      Setting setting, Written written, Optional<Shape> declared, boolean labelled) {
    Shape brackets = written.shape();
    if (declared.isEmpty()) {
      boolean open = labelled && brackets.rank() == 1;
      return open ? Optional.empty() : Optional.of(brackets);
    }
    boolean flat = brackets.rank() <= 1;
    if (flat ? brackets.size() != declared.get().size() : !brackets.equals(declared.get())) {
      setting.problem(
          flat
              ? "has %d values for the shape %s of %d elements"
                  .formatted(brackets.size(), declared.get(), declared.get().size())
              : "is written as %s for the shape %s".formatted(brackets, declared.get()),
          "give one value an element, row-major");
    }
    return declared;
  }

  /** A number, a list of numbers, or lists of lists of equal length. */
  private static Optional<Written> written(Setting setting) {
    if (!setting.isList()) {
      return setting.number().map(number -> new Written(new double[] {number}, Shape.SCALAR));
    }
    List<Setting> elements = setting.elements();
    if (elements.isEmpty()) {
      return setting.wrong("a number or a list of numbers");
    }
    List<Written> rows = new ArrayList<>();
    for (Setting element : elements) {
      Optional<Written> row = written(element);
      if (row.isEmpty()) {
        return Optional.empty();
      }
      rows.add(row.get());
    }
    Shape first = rows.get(0).shape();
    if (!rows.stream().allMatch(row -> row.shape().equals(first))) {
      setting.problem("is ragged: its elements differ in length", "make all rows equally long");
      return Optional.empty();
    }
    return Optional.of(
        new Written(
            rows.stream().flatMapToDouble(row -> Arrays.stream(row.values())).toArray(),
            first.behind(rows.size())));
  }
}
