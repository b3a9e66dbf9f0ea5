package org.sparkcurvature.rewrite;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Einsum;

/**
 * The numbers {@code a} and {@code c} of predictors {@code a' theta + c}, found in a sample's input
 * tensors as they are: those of {@code b + dot(x, beta)} are x, 1 and 0, which takes no evaluation.
 */
public final class Coefficients {
  /** Beyond so many products of elements it is no saving to look for them. */
  private static final int MOST_PRODUCTS = 1 << 14;

  private final Map<String, Integer> offsets;

  /** By node, an affine form for each element; empty where one is not found as it is. */
  private final Map<Node, Optional<List<Form>>> forms = new HashMap<>();

  private Coefficients(Map<String, Integer> offsets) {
    this.offsets = offsets;
  }

  /**
   * A number that is the same for all samples, or an element of a sample's input tensor.
   *
   * @param input the tensor; empty: {@code value}
   * @param element of the tensor, row-major
   */
  public record Entry(String input, int element, double value) implements Serializable {
    public static final Entry ZERO = fixed(0);

    static Entry fixed(double value) {
      return new Entry("", 0, value);
    }

    /** Whether it is the same for all samples. */
    public boolean isFixed() {
      return input.isEmpty();
    }

    private boolean is(double wanted) {
      return isFixed() && value == wanted;
    }

    private Optional<Entry> plus(Entry other) {
      if (is(0)) {
        return Optional.of(other);
      }
      return other.is(0) ? Optional.of(this) : Optional.empty();
    }

    private Optional<Entry> times(Entry other) {
      if (is(0) || other.is(0)) {
        return Optional.of(ZERO);
      }
      if (is(1)) {
        return Optional.of(other);
      }
      return other.is(1) ? Optional.of(this) : Optional.empty();
    }
  }

  /**
   * An element of a predictor.
   *
   * @param constant c
   * @param coefficients a, by the place of a parameter's element in theta; others are 0
   */
  public record Form(Entry constant, Map<Integer, Entry> coefficients) {
    private static final Form ZERO = new Form(Entry.ZERO, Map.of());

    private static Form of(Entry constant) {
      return new Form(constant, Map.of());
    }

    private Optional<Form> plus(Form other) {
      Optional<Entry> sum = constant.plus(other.constant);
      Map<Integer, Entry> all = new TreeMap<>(coefficients);
      for (Map.Entry<Integer, Entry> entry : other.coefficients.entrySet()) {
        Optional<Entry> both = all.getOrDefault(entry.getKey(), Entry.ZERO).plus(entry.getValue());
        if (both.isEmpty()) {
          return Optional.empty();
        }
        all.put(entry.getKey(), both.get());
      }
      return sum.map(c -> new Form(c, all));
    }

    private Optional<Form> times(Form other) {
      if (!coefficients.isEmpty()) {
        return other.coefficients.isEmpty() ? other.times(this) : Optional.empty();
      }
      Optional<Entry> product = constant.times(other.constant);
      Map<Integer, Entry> all = new TreeMap<>();
      for (Map.Entry<Integer, Entry> entry : other.coefficients.entrySet()) {
        Optional<Entry> both = constant.times(entry.getValue());
        if (both.isEmpty()) {
          return Optional.empty();
        }
        all.put(entry.getKey(), both.get());
      }
      return product.map(c -> new Form(c, all));
    }
  }

  /**
   * The forms of a predictor's elements, row-major.
   *
   * @param offsets where each parameter's elements begin in theta, by name
   * @return empty where some number is not found as it is
   */
  public static Optional<List<Form>> of(Node predictor, Map<String, Integer> offsets) {
    return new Coefficients(offsets).forms(predictor);
  }

  private Optional<List<Form>> forms(Node node) {
    Optional<List<Form>> known = forms.get(node);
    if (known == null) {
      known = found(node);
      forms.put(node, known);
    }
    return known;
  }

  private Optional<List<Form>> found(Node node) {
    int size = node.shape().size();
    if (size > MOST_PRODUCTS) {
      return Optional.empty();
    }
    if (node.op() instanceof Leaf.Input input) {
      return each(size, k -> Form.of(new Entry(input.name(), k, 0)));
    }
    if (node.op() instanceof Leaf.Fill fill) {
      return each(size, k -> Form.of(Entry.fixed(fill.value())));
    }
    if (node.op() instanceof Leaf.Parameter parameter && offsets.containsKey(parameter.name())) {
      int first = offsets.get(parameter.name());
      return each(size, k -> new Form(Entry.ZERO, Map.of(first + k, Entry.fixed(1))));
    }
    List<List<Form>> operands = new ArrayList<>();
    for (Node operand : node.operands()) {
      Optional<List<Form>> of = forms(operand);
      if (of.isEmpty()) {
        return Optional.empty();
      }
      operands.add(of.get());
    }
    if (node.op() instanceof Einsum einsum && einsum.coefficient() == 1 && !einsum.overSamples()) {
      return contracted(einsum, node, operands);
    }
    if (node.op() instanceof Apply apply && apply.partial().isEmpty()) {
      return switch (apply.function()) {
        case "add" -> each(operands, Form::plus);
        case "multiply" -> each(operands, Form::times);
        default -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  private static Optional<List<Form>> each(int size, IntFunction<Form> form) {
    return Optional.of(IntStream.range(0, size).mapToObj(form).toList());
  }

  private static Optional<List<Form>> each(
      List<List<Form>> operands, BiFunction<Form, Form, Optional<Form>> function) {
    List<Form> results = new ArrayList<>();
    for (int k = 0; k < operands.get(0).size(); k++) {
      Optional<Form> both = function.apply(operands.get(0).get(k), operands.get(1).get(k));
      if (both.isEmpty()) {
        return Optional.empty();
      }
      results.add(both.get());
    }
    return Optional.of(results);
  }

  private static Optional<List<Form>> contracted(
      Einsum einsum, Node node, List<List<Form>> operands) {
    Map<Integer, Integer> extents = einsum.extents(node.operands());
    List<Integer> indices = new ArrayList<>(einsum.out());
    extents.keySet().stream().filter(index -> !indices.contains(index)).forEach(indices::add);
    long products = 1;
    for (int index : indices) {
      products *= extents.get(index);
      if (products > MOST_PRODUCTS) {
        return Optional.empty();
      }
    }
    int size = node.shape().size();
    int summed = (int) (products / size);
    List<Form> results = new ArrayList<>();
    Map<Integer, Integer> at = new HashMap<>();
    for (int result = 0; result < size; result++) {
      Form sum = Form.ZERO;
      for (int k = 0; k < summed; k++) {
        int rest = result * summed + k;
        for (int i = indices.size() - 1; i >= 0; i--) {
          int extent = extents.get(indices.get(i));
          at.put(indices.get(i), rest % extent);
          rest /= extent;
        }
        Optional<Form> product = Optional.of(Form.of(Entry.fixed(1)));
        for (int o = 0; o < operands.size() && product.isPresent(); o++) {
          Form factor = operands.get(o).get(place(einsum.in().get(o), at, node.operand(o).shape()));
          product = product.get().times(factor);
        }
        Optional<Form> further = product.isPresent() ? sum.plus(product.get()) : Optional.empty();
        if (further.isEmpty()) {
          return Optional.empty();
        }
        sum = further.get();
      }
      results.add(sum);
    }
    return Optional.of(results);
  }

  /** Row-major. */
  private static int place(List<Integer> indices, Map<Integer, Integer> at, Shape shape) {
    int place = 0;
    for (int axis = 0; axis < indices.size(); axis++) {
      place = place * shape.extent(axis) + at.get(indices.get(axis));
    }
    return place;
  }
}
