package org.sparkcurvature.plan.lower;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Einsum;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.Costs;
import org.sparkcurvature.plan.steps.Gram;
import org.sparkcurvature.plan.steps.ScatterAdd;
import org.sparkcurvature.plan.steps.Triangle;

/**
 * From a contraction to steps: by index where a factor is a lookup, packed where it is symmetric,
 * else by products in the order that costs least.
 */
final class ContractionLowering {
  /** How many samples are scaled at once before a symmetric product: what fits a core's cache. */
  private static final int FEWEST_SCALED = 64;

  private static final int MOST_SCALED = 1024;
  private static final int CACHED = 1 << 16;

  /** How much of a contraction is wanted. */
  enum Wanted {
    WHOLE,
    /** The upper triangle of the result as a matrix of as many rows as columns. */
    UPPER_TRIANGLE
  }

  private final StepEmitter steps;
  private final NodeUses uses;

  ContractionLowering(StepEmitter steps, NodeUses uses) {
    this.steps = steps;
    this.uses = uses;
  }

  Buffer contract(Node node, Fusion.Fused fused, Wanted wanted) {
    if (Lookups.of(node).isPresent()) {
      return placed(node, Labels.range(0, node.shape().rank()), node.shape(), wanted);
    }
    Einsum contract = fused.contract();
    Map<Integer, Integer> extents = new HashMap<>(contract.extents(fused.operands()));
    extents.put(Contraction.SAMPLE, Costs.TYPICAL_ROWS);
    List<Tensor> factors = new ArrayList<>();
    for (int k = 0; k < fused.operands().size(); k++) {
      Buffer buffer = steps.of(fused.operands().get(k));
      factors.add(reduced(new Tensor(buffer, contract.in().get(k)), k, contract, extents));
    }
    Contraction plain = contraction(factors, contract.out(), node.sampled(), extents);
    if (wanted == Wanted.UPPER_TRIANGLE || contract.overSamples()) {
      SymmetryReduction reduction =
          new SymmetryReduction(node, contract.out(), factors, extents, uses.symmetric());
      Optional<SymmetryReduction.ScaledOuter> outer = reduction.scaledOuter();
      if (contract.overSamples() && outer.isPresent()) {
        return gram(outer.get(), reduction, contract.coefficient(), wanted);
      }
      if (reduction.exists()) {
        Contraction halves =
            contraction(
                reduction.placeholders(), reduction.out(), node.sampled(), reduction.extents());
        if (halves.cost() + reduction.cost(Costs.PASS * Costs.TYPICAL_ROWS) < plain.cost()) {
          int[] map = reduction.unfold();
          return part(folded(reduction, halves, contract, node.sampled()), map, wanted);
        }
      }
    }
    if (wanted == Wanted.UPPER_TRIANGLE && sharesOut(factors, contract.out())) {
      return sharedTriangle(factors, extents, contract, node.sampled());
    }
    ProductLowering contracting =
        new ProductLowering(steps, factors, extents, contract.out(), contract.coefficient());
    Buffer whole = contracting.finish(contracting.build(plain.order(), true), node.sampled());
    return wanted == Wanted.WHOLE ? whole : steps.halfOf(whole);
  }

  /**
   * A contraction with lookups: the product of its other factors, put where the lookups say.
   *
   * @param axes which axis of the contraction's result each axis of the result is; one that is
   *     named twice makes a diagonal
   * @param shape the result's shape
   */
  Buffer placed(Node node, List<Integer> axes, Shape shape, Wanted wanted) {
    Einsum contract = (Einsum) node.op();
    Lookups found = Lookups.of(node).orElseThrow();
    List<Integer> kept = new ArrayList<>(Contraction.notIn(contract.out(), found.labels()));
    found.lookups().stream()
        .flatMap(lookup -> lookup.row().stream())
        .filter(label -> !kept.contains(label))
        .forEach(kept::add);
    Map<Integer, Integer> extents = contract.extents(node.operands());
    Shape rest = new Shape(kept.stream().map(extents::get).toList());
    Buffer values = values(node, found.rest(), kept);
    int order = wanted == Wanted.UPPER_TRIANGLE ? (int) Math.round(Math.sqrt(shape.size())) : 0;
    Map<Integer, Integer> rows = new HashMap<>();
    Map<Integer, Integer> columns = new HashMap<>();
    int[] strides = IndexMaps.strides(shape.extents());
    for (int axis = 0; axis < strides.length; axis++) {
      int label = contract.out().get(axes.get(axis));
      boolean row = order > 0 && strides[axis] >= order;
      (row ? rows : columns)
          .merge(label, row ? strides[axis] / order : strides[axis], Integer::sum);
    }
    List<ScatterAdd.Lookup> lookups = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    for (Lookups.Lookup lookup : found.lookups()) {
      boolean first = !slots.contains(lookup.label());
      if (first) {
        slots.add(lookup.label());
      }
      lookups.add(
          new ScatterAdd.Lookup(
              steps.of(lookup.index()),
              lookup.extent(),
              lookup.from(),
              lookup.length(),
              slots.indexOf(lookup.label()),
              first ? rows.getOrDefault(lookup.label(), 0) : 0,
              first ? columns.getOrDefault(lookup.label(), 0) : 0,
              lookup
                  .row()
                  .map(row -> IndexMaps.offsets(rest, kept, Map.of(row, 1)))
                  .orElseGet(() -> new int[0])));
    }
    int size = order > 0 ? Triangle.half(order) : shape.size();
    List<Buffer> from = new ArrayList<>(List.of(values));
    lookups.forEach(lookup -> from.add(lookup.index()));
    return steps.emit(
        new ScatterAdd(
            steps.node(),
            values,
            lookups,
            IndexMaps.offsets(rest, kept, rows),
            IndexMaps.offsets(rest, kept, columns),
            order,
            Accumulate.REPLACE,
            steps.result(node.sampled(), size, from)));
  }

  /** What is placed: the product of these factors, its axes in the order of {@code kept}. */
  private Buffer values(Node node, List<Integer> rest, List<Integer> kept) {
    Einsum contract = (Einsum) node.op();
    Map<Integer, Integer> extents = new HashMap<>(contract.extents(node.operands()));
    extents.put(Contraction.SAMPLE, Costs.TYPICAL_ROWS);
    if (rest.isEmpty()) {
      Tensor one = new Tensor(steps.ones(), List.of());
      return ProductLowering.product(steps, List.of(one), kept, extents, contract.coefficient())
          .buffer();
    }
    Einsum product =
        new Einsum(
            rest.stream().map(contract.in()::get).toList(),
            kept,
            new Shape(kept.stream().map(extents::get).toList()),
            false,
            contract.coefficient());
    List<Tensor> factors = new ArrayList<>();
    for (int k = 0; k < rest.size(); k++) {
      Buffer buffer = steps.of(node.operand(rest.get(k)));
      factors.add(reduced(new Tensor(buffer, product.in().get(k)), k, product, extents));
    }
    boolean sampled = factors.stream().anyMatch(factor -> factor.buffer().sampled());
    Contraction order = contraction(factors, kept, sampled, extents);
    ProductLowering contracting =
        new ProductLowering(steps, factors, extents, kept, contract.coefficient());
    return contracting.finish(contracting.build(order.order(), true), sampled);
  }

  /** Whether the result's axes are those of factors that are the same for all samples. */
  private static boolean sharesOut(List<Tensor> factors, List<Integer> out) {
    Set<Integer> shared = new HashSet<>();
    Set<Integer> sampled = new HashSet<>();
    factors.forEach(f -> (f.buffer().sampled() ? sampled : shared).addAll(f.labels()));
    return !sampled.isEmpty()
        && !out.isEmpty()
        && shared.containsAll(out)
        && out.stream().noneMatch(sampled::contains);
  }

  /** Of such a result the upper triangle: that of the shared factors, times the sampled ones. */
  private Buffer sharedTriangle(
      List<Tensor> factors, Map<Integer, Integer> extents, Einsum contract, boolean sampled) {
    List<Tensor> shared = factors.stream().filter(f -> !f.buffer().sampled()).toList();
    List<Tensor> rest = new ArrayList<>(factors);
    rest.removeAll(shared);
    Set<Integer> inRest = new LinkedHashSet<>();
    rest.forEach(f -> inRest.addAll(f.labels()));
    Set<Integer> inShared = new HashSet<>();
    shared.forEach(f -> inShared.addAll(f.labels()));
    List<Integer> links = Contraction.in(new ArrayList<>(inRest), inShared);
    List<Integer> square = Labels.concat(contract.out(), links);
    Contraction order = contraction(shared, square, false, extents);
    ProductLowering product = new ProductLowering(steps, shared, extents, square, 1);
    Buffer whole = product.finish(product.build(order.order(), true), false);
    int width = ProductLowering.size(links, extents);
    int elements = whole.size() / width;
    int[] upper = Triangle.positions((int) Math.round(Math.sqrt(elements)));
    int[] map = new int[upper.length * width];
    for (int k = 0; k < map.length; k++) {
      map[k] = upper[k / width] * width + k % width;
    }
    int triangle = Collections.max(extents.keySet()) + 1;
    Map<Integer, Integer> all = new HashMap<>(extents);
    all.put(triangle, upper.length);
    rest.add(
        new Tensor(
            steps.rearrange(whole, map, map.length), Labels.concat(List.of(triangle), links)));
    List<Integer> out = List.of(triangle);
    ProductLowering contracting =
        new ProductLowering(steps, rest, all, out, contract.coefficient());
    Contraction last = contraction(rest, out, sampled, all);
    return contracting.finish(contracting.build(last.order(), true), sampled);
  }

  /** The sum over samples of an outer product of a vector with itself, scaled. */
  private Buffer gram(
      SymmetryReduction.ScaledOuter outer,
      SymmetryReduction reduction,
      double coefficient,
      Wanted wanted) {
    Buffer x = outer.x();
    int n = x.size();
    Buffer scale = scale(outer, reduction.extents(), coefficient).orElseThrow();
    int rows = Math.max(FEWEST_SCALED, Math.min(MOST_SCALED, CACHED / n));
    Buffer upper =
        steps.emit(
            new Gram(
                steps.node(),
                x,
                scale,
                steps.buffer(false, rows * n, true),
                steps.result(false, n * n, List.of(x))));
    int[] map = Triangle.positions(n);
    if (wanted == Wanted.UPPER_TRIANGLE) {
      return steps.rearrange(upper, map, map.length);
    }
    int[] mirrored = new int[n * n];
    for (int at : map) {
      mirrored[at] = at;
      mirrored[at % n * n + at / n] = at;
    }
    return steps.rearrange(upper, mirrored, mirrored.length);
  }

  /** What multiplies an outer product, if it is not 1. */
  private Optional<Buffer> scale(
      SymmetryReduction.ScaledOuter outer, Map<Integer, Integer> extents, double coefficient) {
    if (outer.scales().isEmpty() && coefficient == 1) {
      return Optional.empty();
    }
    if (outer.scales().isEmpty()) {
      return Optional.of(steps.constant(false, 1, coefficient));
    }
    return Optional.of(
        outer.scales().size() == 1 && coefficient == 1
            ? outer.scales().get(0).buffer()
            : ProductLowering.product(steps, outer.scales(), List.of(), extents, coefficient)
                .buffer());
  }

  private Buffer folded(
      SymmetryReduction reduction, Contraction halves, Einsum contract, boolean sampled) {
    Optional<SymmetryReduction.ScaledOuter> outer = reduction.scaledOuter();
    if (sampled && outer.isPresent()) {
      Buffer x = outer.get().x();
      Optional<Buffer> scale = scale(outer.get(), reduction.extents(), contract.coefficient());
      List<Buffer> from = new ArrayList<>(List.of(x));
      scale.ifPresent(from::add);
      return steps.emit(
          Triangle.outer(
              steps.node(), x, scale, steps.result(true, Triangle.half(x.size()), from)));
    }
    List<Tensor> packed = reduction.tensors(steps::outerHalf, steps::halfOf);
    ProductLowering contracting =
        new ProductLowering(
            steps, packed, reduction.extents(), reduction.out(), contract.coefficient());
    return contracting.finish(contracting.build(halves.order(), true), sampled);
  }

  /** What is wanted of a folded result; {@code map} says where each element of the whole one is. */
  private Buffer part(Buffer folded, int[] map, Wanted wanted) {
    if (wanted == Wanted.WHOLE) {
      return steps.rearrange(folded, map, map.length);
    }
    int[] upper = Triangle.positions((int) Math.round(Math.sqrt(map.length)));
    boolean identity = upper.length == folded.size();
    for (int k = 0; k < upper.length; k++) {
      upper[k] = map[upper[k]];
      identity &= upper[k] == k;
    }
    return identity ? folded : steps.rearrange(folded, upper, upper.length);
  }

  private static Contraction contraction(
      List<Tensor> factors, List<Integer> out, boolean sampled, Map<Integer, Integer> extents) {
    Set<Integer> wanted = new LinkedHashSet<>(out);
    if (sampled) {
      wanted.add(Contraction.SAMPLE);
    }
    return new Contraction(
        factors.stream().map(ContractionLowering::labels).toList(), wanted, extents);
  }

  private static Set<Integer> labels(Tensor tensor) {
    Set<Integer> labels = new LinkedHashSet<>(tensor.labels());
    if (tensor.buffer().sampled()) {
      labels.add(Contraction.SAMPLE);
    }
    return labels;
  }

  /**
   * A factor without the labels that only it has, which are summed first, and with no label twice.
   */
  private Tensor reduced(Tensor tensor, int index, Einsum contract, Map<Integer, Integer> extents) {
    Set<Integer> wanted = new HashSet<>(contract.out());
    for (int k = 0; k < contract.in().size(); k++) {
      if (k != index) {
        wanted.addAll(contract.in().get(k));
      }
    }
    List<Integer> kept = Contraction.in(tensor.labels(), wanted);
    // A single factor goes to its result in one step.
    if (kept.size() == tensor.labels().size()
        || contract.in().size() == 1 && !contract.overSamples()) {
      return tensor;
    }
    return ProductLowering.product(steps, List.of(tensor), kept, extents, 1);
  }
}
