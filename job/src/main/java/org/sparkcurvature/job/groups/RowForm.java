package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.rewrite.Coefficients;
import org.sparkcurvature.rewrite.Coefficients.Entry;
import org.sparkcurvature.rewrite.Predictors;

/**
 * What is kept of a row between the iterations of its group's fit, as one run of numbers: its
 * cluster, its weight, the input tensors that the loss has beside the predictors, and for each
 * predictor that is no parameter its constant and its coefficients.
 *
 * @param clustered whether the first number holds the bits of the row's cluster
 * @param inputs the input tensors that are kept
 * @param tensors all predictors, in the order of the loss's input tensors
 * @param blocks of parameters whose predictors are independent of those of other blocks
 * @param parameters how many parameters there are in all, P
 * @param stride numbers of a row
 */
public record RowForm(
    boolean clustered,
    List<Input> inputs,
    List<Tensor> tensors,
    List<Block> blocks,
    int parameters,
    int stride)
    implements Serializable {

  /**
   * An input tensor, and where it begins in a row.
   *
   * @param isComputed whether it is a constant of the affine model, and none of a row's own tensors
   */
  public record Input(String name, int size, int at, boolean isComputed) implements Serializable {}

  /**
   * A tensor of predictors.
   *
   * @param block the number of its block; -1 where its elements are parameters
   * @param first the first of these parameters
   * @param at where the constants and coefficients of its first element begin in a row
   * @param number of its first element among all predictors
   * @param found where the numbers of a row's input tensors are, element by element its constant
   *     and its coefficients; empty where these have to be computed, or there are none
   */
  public record Tensor(
      String name, int size, int block, int first, int at, int number, List<Entry> found)
      implements Serializable {
    boolean isComputed() {
      return block >= 0 && found.isEmpty();
    }
  }

  /** Parameters, ascending, that predictors are made of. */
  public record Block(List<Integer> parameters) implements Serializable {
    int size() {
      return parameters.size();
    }
  }

  /**
   * The form of rows.
   *
   * @param layout of the parameters
   */
  public static RowForm of(Predictors predictors, Layout layout, boolean clustered) {
    int at = clustered ? 2 : 1;
    Model loss = predictors.loss();
    List<String> names = predictors.predictors().stream().map(Predictors.Predictor::name).toList();
    List<Input> inputs = new ArrayList<>();
    for (String name : loss.inputs().keySet()) {
      if (!names.contains(name)) {
        int size = loss.inputs().get(name).shape().size();
        inputs.add(new Input(name, size, at, predictors.constants().contains(name)));
        at += size;
      }
    }
    List<TreeSet<Integer>> blocks = new ArrayList<>();
    predictors.predictors().forEach(predictor -> join(blocks, parameters(predictor, layout)));
    // A parameter that is a predictor and in no other is no block.
    blocks.removeIf(
        block ->
            predictors.predictors().stream()
                .filter(p -> block.containsAll(parameters(p, layout)))
                .allMatch(Predictors.Predictor::isParameter));
    List<Tensor> tensors = new ArrayList<>();
    int number = 0;
    for (Predictors.Predictor predictor : predictors.predictors()) {
      List<Integer> own = parameters(predictor, layout);
      int block = -1;
      for (int b = 0; b < blocks.size(); b++) {
        block = blocks.get(b).containsAll(own) ? b : block;
      }
      List<Entry> found =
          block < 0
              ? List.of()
              : found(
                  predictors.affine().definitions().get(predictor.name()),
                  layout,
                  blocks.get(block));
      tensors.add(
          new Tensor(predictor.name(), predictor.size(), block, own.get(0), at, number, found));
      at += block < 0 ? 0 : predictor.size() * (1 + blocks.get(block).size());
      number += predictor.size();
    }
    return new RowForm(
        clustered,
        List.copyOf(inputs),
        List.copyOf(tensors),
        blocks.stream().map(block -> new Block(List.copyOf(block))).toList(),
        layout.length(),
        at);
  }

  private static List<Entry> found(Node predictor, Layout layout, TreeSet<Integer> block) {
    Map<String, Integer> offsets = new HashMap<>();
    layout.entries().forEach(entry -> offsets.put(entry.name(), entry.offset()));
    List<Entry> found = new ArrayList<>();
    for (Coefficients.Form form :
        Coefficients.of(predictor, offsets).orElse(List.<Coefficients.Form>of())) {
      found.add(form.constant());
      for (int parameter : block) {
        found.add(form.coefficients().getOrDefault(parameter, Entry.ZERO));
      }
    }
    return List.copyOf(found);
  }

  private static List<Integer> parameters(Predictors.Predictor predictor, Layout layout) {
    List<Integer> elements = new ArrayList<>();
    for (String name : predictor.parameters()) {
      Layout.Entry entry = layout.entry(name);
      for (int k = 0; k < entry.shape().size(); k++) {
        elements.add(entry.offset() + k);
      }
    }
    return elements.stream().sorted().toList();
  }

  private static void join(List<TreeSet<Integer>> blocks, List<Integer> elements) {
    TreeSet<Integer> joined = new TreeSet<>(elements);
    for (TreeSet<Integer> block : List.copyOf(blocks)) {
      if (block.stream().anyMatch(elements::contains)) {
        joined.addAll(block);
        blocks.remove(block);
      }
    }
    blocks.add(joined);
  }

  /** The predictors that are made of a row's input tensors, and are no parameters. */
  public List<String> made() {
    return tensors.stream().filter(tensor -> tensor.block() >= 0).map(Tensor::name).toList();
  }

  /** Those of them whose numbers have to be computed. */
  public List<String> computed() {
    return tensors.stream().filter(Tensor::isComputed).map(Tensor::name).toList();
  }

  /** Whether there is one predictor, and it is made of a row's input tensors. */
  public boolean isLinear() {
    return predictors() == 1 && tensors.get(0).block() >= 0;
  }

  /** Where the weight is. */
  int weightAt() {
    return clustered ? 1 : 0;
  }

  // Plain loops below: they are run for every group, and streams took a twentieth of a fit.

  /** How many predictors a row has, q. */
  int predictors() {
    int q = 0;
    for (Tensor tensor : tensors) {
      q += tensor.size();
    }
    return q;
  }

  /** Parameters that are predictors, and in no block. */
  int[] single() {
    int[] single = new int[predictors()];
    int count = 0;
    for (Tensor tensor : tensors) {
      for (int k = 0; tensor.block() < 0 && k < tensor.size(); k++) {
        single[count++] = tensor.first() + k;
      }
    }
    return Arrays.copyOf(single, count);
  }

  /** Parameters that nothing depends on. */
  int[] unused() {
    boolean[] used = new boolean[parameters];
    for (Block block : blocks) {
      for (int k : block.parameters()) {
        used[k] = true;
      }
    }
    for (int k : single()) {
      used[k] = true;
    }
    int[] unused = new int[parameters];
    int count = 0;
    for (int k = 0; k < parameters; k++) {
      if (!used[k]) {
        unused[count++] = k;
      }
    }
    return Arrays.copyOf(unused, count);
  }
}
