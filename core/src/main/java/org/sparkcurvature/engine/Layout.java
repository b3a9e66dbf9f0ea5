package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;

/**
 * Where each tensor of wrt lies in the flattened vector.
 *
 * @param entries one entry per name, in the order of wrt
 */
public record Layout(List<Entry> entries) implements Serializable {

  /** A tensor of wrt: its elements, row-major, are {@code offset .. offset + shape.size()}. */
  public record Entry(String name, int offset, Shape shape) implements Serializable {}

  public Layout {
    entries = List.copyOf(entries);
  }

  /** The layout of these names of a model, in this order. */
  public static Layout of(Model model, List<String> wrt) {
    List<Entry> entries = new ArrayList<>();
    int offset = 0;
    for (String name : wrt) {
      Shape shape = model.named(name).shape();
      entries.add(new Entry(name, offset, shape));
      offset = Math.addExact(offset, shape.size());
    }
    return new Layout(entries);
  }

  /**
   * Where a tensor lies.
   *
   * @throws java.util.NoSuchElementException if it is not one of wrt
   */
  public Entry entry(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst().orElseThrow();
  }

  /** P: the length of the flattened vector. */
  public int length() {
    return entries.stream().mapToInt(e -> e.shape().size()).sum();
  }

  /**
   * The flattened vector of tensors; length P.
   *
   * @param values each tensor's elements, row-major; those of others are left out
   */
  public double[] flat(Map<String, double[]> values) {
    double[] flat = new double[length()];
    for (Entry entry : entries) {
      System.arraycopy(values.get(entry.name()), 0, flat, entry.offset(), entry.shape().size());
    }
    return flat;
  }
}
