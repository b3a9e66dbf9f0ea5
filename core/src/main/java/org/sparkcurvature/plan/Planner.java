package org.sparkcurvature.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.rules.Apply;
import org.sparkcurvature.rules.Contract;
import org.sparkcurvature.rules.Labels;
import org.sparkcurvature.rules.Lines;
import org.sparkcurvature.rules.Structural;

/**
 * Turns nodes into steps: which kernel computes each, in which order factors are multiplied, where
 * results lie.
 */
public final class Planner {
  /** The size of a block for which costs are compared. */
  static final int TYPICAL_ROWS = 1024;

  /** How many samples are scaled at once before a symmetric product: what fits a core's cache. */
  private static final int FEWEST_SCALED = 64;

  private static final int MOST_SCALED = 1024;
  private static final int CACHED = 1 << 16;

  /** Larger matrices BLAS packs itself, however they lie. */
  private static final int LARGEST_TURNED = 1 << 16;

  /** A buffer read as a tensor of these extents, with its axes in this order. */
  private record Ordered(Buffer buffer, List<Integer> extents, List<Integer> axes) {}

  private final StepList once = new StepList();
  private final StepList perBlock = new StepList();
  private final List<Buffer> buffers = new ArrayList<>();
  private final Set<Buffer> changing = new HashSet<>();
  private final Map<Node, Buffer> places = new HashMap<>();
  private final Map<Node, Buffer> inputs = new LinkedHashMap<>();
  private final Map<Buffer, Double> constants = new LinkedHashMap<>();
  private final Map<Ordered, Buffer> rearranged = new HashMap<>();

  /** Upper triangles of matrices, and of the products of a vector's elements. */
  private final Map<Buffer, Buffer> halves = new HashMap<>();

  private final Map<Buffer, Buffer> outerHalves = new HashMap<>();

  /** The moves whose results are still what they moved there. */
  private final Map<Buffer, Step.Rearrange> moved = new HashMap<>();

  private final Map<Step, Node> meaning = new IdentityHashMap<>();
  private final int[] uses;
  private final Set<Node> symmetric = new HashSet<>();
  private Fusion fusion = new Fusion(List.of(), node -> false);
  private Node current;
  private Buffer ones;

  private Planner(int[] uses, Set<Node> symmetric) {
    this.uses = uses;
    symmetric.forEach(node -> this.symmetric.add(base(node)));
  }

  /**
   * Steps that compute {@code results} of {@code graph}.
   *
   * @param symmetric nodes that are symmetric matrices for every sample, whatever their shape: the
   *     first half of their elements' axes by the second
   * @param deliverable results that may be written straight to where they are wanted, and not be
   *     read from the plan's memory
   * @param sums where large sums over samples are formed
   */
  public static Plan plan(
      Graph graph, List<Node> results, Set<Node> symmetric, Set<Node> deliverable, Plan.Sums sums) {
    return steps(graph, results, symmetric, deliverable).plan(sums);
  }

  /** As {@link #plan}, but for where large sums are formed. */
  public static PlannedSteps steps(
      Graph graph, List<Node> results, Set<Node> symmetric, Set<Node> deliverable) {
    BitSet needed = needed(graph, results);
    Planner planner = new Planner(uses(graph, needed, results), symmetric);
    Set<Node> deferred = planner.deferred(graph, needed);
    planner.fusion = planner.fusion(graph, needed, deferred);
    for (Node node : List.copyOf(graph.nodes())) {
      if (needed.get(node.id())
          && !deferred.contains(base(node))
          && !planner.fusion.isTaken(node)) {
        planner.current = node;
        planner.places.put(node, planner.place(node));
      }
    }
    Map<Node, Buffer> found = new LinkedHashMap<>();
    results.forEach(node -> found.put(node, planner.places.get(node)));
    StepList perBlock = planner.perBlock;
    Triangles.take(perBlock, found.values(), planner.meaning);
    Orientation.turn(perBlock, found.values(), planner::movedOnce, planner.meaning);
    removeUnread(perBlock, found.values());
    Congruences.join(
        perBlock, found.values(), size -> planner.buffer(false, size, true), planner.meaning);
    Set<Buffer> read = new HashSet<>(found.values());
    perBlock.steps().forEach(step -> read.addAll(step.inputs()));
    removeUnread(planner.once, read);
    Set<Buffer> delivered = planner.delivered(found, deliverable);
    Set<Buffer> permanent = planner.permanent(found);
    permanent.removeAll(delivered);
    Jets.join(perBlock, planner.meaning);
    return new PlannedSteps(
        planner.once.steps(),
        perBlock.steps(),
        found,
        planner.inputs,
        planner.constants,
        planner.buffers,
        permanent,
        delivered,
        planner.changing,
        planner.meaning);
  }

  /**
   * Nodes that must be computed; a scalar that an elementwise function repeats is not written out.
   */
  private static BitSet needed(Graph graph, List<Node> results) {
    BitSet needed = new BitSet();
    results.forEach(node -> needed.set(node.id()));
    for (int id = graph.nodes().size() - 1; id >= 0; id--) {
      Node node = graph.nodes().get(id);
      if (needed.get(id)) {
        for (Node operand : Lookups.operands(node)) {
          if (!(node.op() instanceof Apply && operand.op() instanceof Leaf.Fill)) {
            needed.set(read(node, operand).id());
          }
        }
      }
    }
    return needed;
  }

  /**
   * Contractions of which only the upper triangle is used: they are computed when that is asked
   * for.
   */
  private Set<Node> deferred(Graph graph, BitSet needed) {
    Set<Node> deferred = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (needed.get(node.id()) && node.op() instanceof Structural.UpperTriangle) {
        Node whole = base(node.operand(0));
        if ((whole.op() instanceof Contract || isSpreadOfLookups(whole)) && uses[whole.id()] == 1) {
          deferred.add(whole);
        }
      }
      if (needed.get(node.id()) && isSpreadOfLookups(node) && uses[node.operand(0).id()] == 1) {
        deferred.add(node.operand(0));
      }
    }
    return deferred;
  }

  /** Whether this puts the axes of what is placed by index in another order, or on a diagonal. */
  private static boolean isSpreadOfLookups(Node node) {
    return node.op() instanceof Structural.Spread && Lookups.of(node.operand(0)).isPresent();
  }

  /** What contractions are computed together. */
  private Fusion fusion(Graph graph, BitSet needed, Set<Node> deferred) {
    List<Node> nodes =
        graph.nodes().stream()
            .filter(node -> needed.get(node.id()) && !deferred.contains(node))
            .filter(node -> Lookups.of(node).isEmpty())
            .toList();
    return new Fusion(nodes, node -> uses[node.id()] == 1 && !symmetric.contains(node));
  }

  /**
   * How often the contents of each node are read, be it under another shape; a result counts as
   * read twice, so that it is kept.
   */
  private static int[] uses(Graph graph, BitSet needed, List<Node> results) {
    int[] uses = new int[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      if (needed.get(node.id()) && !isView(node)) {
        Lookups.operands(node).forEach(operand -> uses[base(read(node, operand)).id()]++);
      }
    }
    results.forEach(node -> uses[base(node).id()] += 2);
    return uses;
  }

  /**
   * The node whose buffer is read for an operand: elementwise functions read a repeated scalar
   * itself.
   */
  private static Node read(Node user, Node operand) {
    return user.op() instanceof Apply && isRepeatedScalar(operand) ? operand.operand(0) : operand;
  }

  /**
   * Whether the count of uses includes this one: where the scalar is read instead, the one use that
   * is counted is another node's.
   */
  private static boolean isReadItself(Node user, Node operand) {
    return read(user, operand) == operand;
  }

  private static boolean isRepeatedScalar(Node node) {
    return node.op() instanceof Contract contract
        && contract.in().equals(List.of(List.of()))
        && !contract.overSamples()
        && contract.coefficient() == 1
        && Labels.range(0, contract.out().size()).equals(contract.out());
  }

  /**
   * Buffers that keep their contents: what is set before the first block, and what is asked for.
   */
  private Set<Buffer> permanent(Map<Node, Buffer> found) {
    Set<Buffer> permanent = new HashSet<>(found.values());
    permanent.addAll(inputs.values());
    permanent.addAll(constants.keySet());
    once.steps().forEach(step -> permanent.add(step.out()));
    return permanent;
  }

  /** Results that a step on the host writes, once, and none reads. */
  private Set<Buffer> delivered(Map<Node, Buffer> found, Set<Node> deliverable) {
    Set<Buffer> read = new HashSet<>();
    Set<Buffer> onHost = new HashSet<>();
    for (Step step : perBlock.steps()) {
      read.addAll(step.inputs());
      if (step.out().sampled() && step.isOnHost()) {
        onHost.add(step.out());
      }
    }
    Set<Buffer> seen = new HashSet<>();
    Set<Buffer> shared = new HashSet<>();
    found.values().stream().filter(buffer -> !seen.add(buffer)).forEach(shared::add);
    Set<Buffer> delivered = new HashSet<>();
    for (Node node : deliverable) {
      Buffer buffer = found.get(node);
      if (onHost.contains(buffer) && !read.contains(buffer) && !shared.contains(buffer)) {
        delivered.add(buffer);
      }
    }
    return delivered;
  }

  private Buffer buffer(boolean sampled, int size, boolean changes) {
    Buffer buffer = new Buffer(buffers.size(), sampled, size);
    buffers.add(buffer);
    if (changes) {
      changing.add(buffer);
    }
    return buffer;
  }

  private Buffer emit(Step step) {
    (changing.contains(step.out()) ? perBlock : once).add(step);
    meaning.put(step, current);
    moved.remove(step.out());
    if (step instanceof Step.Rearrange rearrange && rearrange.into() == Step.Into.REPLACE) {
      moved.put(step.out(), rearrange);
    }
    return step.out();
  }

  /**
   * A buffer for a step's result: it changes from block to block if it is sampled or made of what
   * changes.
   */
  private Buffer result(boolean sampled, int size, List<Buffer> from) {
    return buffer(sampled, size, sampled || from.stream().anyMatch(changing::contains));
  }

  private Buffer place(Node node) {
    List<Buffer> from = node.operands().stream().map(places::get).toList();
    if (node.op() instanceof Leaf.Fill fill) {
      Buffer buffer = buffer(false, node.shape().size(), false);
      constants.put(buffer, fill.value());
      return buffer;
    }
    if (node.op() instanceof Leaf) {
      Buffer buffer = buffer(node.sampled(), node.shape().size(), node.sampled());
      inputs.put(node, buffer);
      return buffer;
    }
    if (node.op() instanceof Apply apply) {
      return lanes(node, apply);
    }
    if (node.op() instanceof Contract) {
      return contract(node, fusion.of(node), Wanted.WHOLE);
    }
    if (node.op() instanceof Lines lines) {
      return ofLines(node, lines, from);
    }
    return structural(node, from);
  }

  private Buffer ofLines(Node node, Lines function, List<Buffer> from) {
    Shape shape = node.operand(0).shape();
    int heads = 1;
    for (int extent : shape.extents().subList(0, function.heads())) {
      heads *= extent;
    }
    Shape lines = new Shape(shape.extents().subList(function.heads(), shape.rank()));
    return emit(
        new Step.OfLines(
            function,
            from,
            heads,
            axis(lines, function.axis()),
            result(node.sampled(), node.shape().size(), from)));
  }

  /** The sum of two tensors, one added where the other lies: the one that costs least to add. */
  private Optional<Buffer> absorbed(Node node) {
    for (Predicate<Step> which :
        List.<Predicate<Step>>of(Planner::isSparse, Planner::isMatrixProduct, step -> true)) {
      Optional<Buffer> sum = absorbed(node, 1, which).or(() -> absorbed(node, 0, which));
      if (sum.isPresent()) {
        return sum;
      }
    }
    return Optional.empty();
  }

  /**
   * The sum of a tensor and a product, or a rearrangement, that nothing else uses: that is added to
   * the tensor where it lies, and no pass over memory is needed.
   */
  private Optional<Buffer> absorbed(Node node, int product, Predicate<Step> which) {
    Node term = node.operand(product);
    Node other = node.operand(1 - product);
    Buffer from = places.get(term);
    Buffer to = places.get(other);
    if (term == other
        || from == null
        || to == null
        || from.equals(to)
        || !isReadItself(node, term)
        || !isReadItself(node, other)
        || uses[base(term).id()] != 1
        || uses[base(other).id()] != 1
        || from.sampled() != to.sampled()
        || from.size() != to.size()
        || !changing.contains(from)
        || !changing.contains(to)
        || base(other).op() instanceof Leaf) {
      return Optional.empty();
    }
    if (perBlock.writers(from).size() != 1) {
      return Optional.empty();
    }
    int writer = perBlock.writers(from).first();
    Step step = perBlock.at(writer);
    boolean last = perBlock.readers(from).higher(writer) == null;
    Optional<Step> added = last && which.test(step) ? addedTo(step, to) : Optional.empty();
    if (added.isPresent()) {
      perBlock.remove(writer);
      emit(added.get());
    }
    return added.map(Step::out);
  }

  /** What has few elements that are not zero: only those are added. */
  private static boolean isSparse(Step step) {
    return step instanceof Step.Place
        || step instanceof Step.Rearrange rearrange && rearrange.isSparse();
  }

  /** What BLAS adds at no cost. */
  private static boolean isMatrixProduct(Step step) {
    return step instanceof Step.SharedProduct || step instanceof Step.SummedProduct;
  }

  private static Optional<Step> addedTo(Step step, Buffer to) {
    return step instanceof Step.Addable addable && addable.into() == Step.Into.REPLACE
        ? Optional.of(addable.addedTo(to))
        : Optional.empty();
  }

  /** The node whose buffer a reshaped node shares. */
  static Node base(Node node) {
    return isView(node) ? base(node.operand(0)) : node;
  }

  private static boolean isView(Node node) {
    return node.op() instanceof Structural.Reshape || node.op() instanceof Structural.Stop;
  }

  private Buffer lanes(Node node, Apply apply) {
    if (apply.function().equals("add") && apply.partial().isEmpty()) {
      Optional<Buffer> sum = absorbed(node);
      if (sum.isPresent()) {
        return sum.get();
      }
    }
    List<Step.Source> sources = new ArrayList<>();
    List<Buffer> from = new ArrayList<>();
    for (Node operand : node.operands()) {
      if (operand.op() instanceof Leaf.Fill fill) {
        sources.add(new Step.Constant(fill.value()));
        continue;
      }
      Buffer buffer = places.get(read(node, operand));
      from.add(buffer);
      boolean same = buffer.size() == node.shape().size() && buffer.sampled() == node.sampled();
      sources.add(
          buffer.size() == 1 && !same ? new Step.Scalar(buffer) : new Step.Elements(buffer));
    }
    return emit(new Step.Lanes(apply, sources, result(node.sampled(), node.shape().size(), from)));
  }

  private Buffer structural(Node node, List<Buffer> from) {
    Buffer in = from.get(0);
    Shape shape = node.operand(0).shape();
    int size = node.shape().size();
    if (node.op() instanceof Structural.UpperTriangle) {
      Node whole = base(node.operand(0));
      if (in != null) {
        return halfOf(in);
      }
      return whole.op() instanceof Structural.Spread spread
          ? placed(whole.operand(0), spread.axes(), whole.shape(), Wanted.UPPER_TRIANGLE)
          : contract(whole, fusion.of(whole), Wanted.UPPER_TRIANGLE);
    }
    if (isView(node)) {
      return in;
    }
    if (node.op() instanceof Structural.Spread spread) {
      if (in == null) {
        return placed(node.operand(0), spread.axes(), node.shape(), Wanted.WHOLE);
      }
      return rearrange(in, spreadMap(shape, spread.axes(), node.shape()), size);
    }
    if (node.op() instanceof Structural.Slice slice) {
      Step.Axis axis = axis(shape, slice.axis());
      return rearrange(in, sliceMap(axis, slice.from(), slice.length()), size);
    }
    if (node.op() instanceof Structural.Pad pad) {
      return rearrange(in, padMap(axis(shape, pad.axis()), pad.from(), pad.extent()), size);
    }
    if (node.op() instanceof Structural.Concat concat) {
      Step.Axis axis = axis(node.shape(), concat.axis());
      List<Integer> runs =
          node.operands().stream()
              .map(o -> o.shape().extent(concat.axis()) * axis.inner())
              .toList();
      return emit(new Step.Join(from, axis.outer(), runs, result(node.sampled(), size, from)));
    }
    if (node.op() instanceof Structural.Gather gather) {
      return along(node, Step.AlongAxis.GATHER, from, axis(shape, gather.axis()));
    }
    if (node.op() instanceof Structural.Scatter scatter) {
      return along(node, Step.AlongAxis.SCATTER, from, axis(node.shape(), scatter.axis()));
    }
    if (node.op() instanceof Structural.CumulativeSum sum) {
      return along(
          node,
          sum.backwards() ? Step.AlongAxis.CUMULATE_BACKWARDS : Step.AlongAxis.CUMULATE,
          from,
          axis(shape, sum.axis()));
    }
    if (node.op() instanceof Structural.Maximum maximum) {
      return along(node, Step.AlongAxis.LARGEST, from, axis(shape, maximum.axis()));
    }
    throw new IllegalStateException("no kernel computes " + node.op().name());
  }

  private Buffer along(Node node, Step.AlongAxis what, List<Buffer> from, Step.Axis axis) {
    return emit(
        new Step.Along(what, from, axis, result(node.sampled(), node.shape().size(), from)));
  }

  private static Step.Axis axis(Shape shape, int axis) {
    int outer = 1;
    for (int k = 0; k < axis; k++) {
      outer *= shape.extent(k);
    }
    int extent = shape.extent(axis);
    return new Step.Axis(outer, extent, shape.size() / outer / extent);
  }

  /** What is moved twice is moved at once to where it goes in the end. */
  private Buffer rearrange(Buffer in, int[] map, int size) {
    Step.Rearrange before = moved.get(in);
    if (before == null) {
      return emit(
          new Step.Rearrange(in, map, Step.Into.REPLACE, result(in.sampled(), size, List.of(in))));
    }
    int[] both = new int[map.length];
    for (int k = 0; k < map.length; k++) {
      both[k] = map[k] < 0 ? -1 : before.map()[map[k]];
    }
    return rearrange(before.in(), both, size);
  }

  private Optional<Buffer> movedOnce(Buffer matrix, int[] map) {
    return isSameForAll(matrix)
        ? Optional.of(rearrange(matrix, map, map.length))
        : Optional.empty();
  }

  /** Whether it is the same for all samples, and from block to block. */
  private boolean isSameForAll(Buffer buffer) {
    return !buffer.sampled() && !changing.contains(buffer);
  }

  /** Leaves out what was moved to where nobody looks. */
  private static void removeUnread(StepList steps, Collection<Buffer> wanted) {
    Set<Buffer> read = new HashSet<>(wanted);
    for (int k = steps.size() - 1; k >= 0; k--) {
      Step step = steps.at(k);
      if (step instanceof Step.Rearrange && !read.contains(step.out())) {
        steps.remove(k);
      } else if (step != null) {
        read.addAll(step.inputs());
      }
    }
  }

  private static int[] spreadMap(Shape from, List<Integer> axes, Shape to) {
    int[] strides = strides(from.extents());
    int[] map = new int[to.size()];
    int[] position = new int[to.rank()];
    int[] value = new int[from.rank()];
    for (int k = 0; k < map.length; k++) {
      java.util.Arrays.fill(value, -1);
      boolean agree = true;
      int at = 0;
      for (int axis = 0; axis < position.length; axis++) {
        int source = axes.get(axis);
        if (value[source] < 0) {
          value[source] = position[axis];
          at += position[axis] * strides[source];
        } else {
          agree &= value[source] == position[axis];
        }
      }
      map[k] = agree ? at : -1;
      for (int axis = position.length - 1; axis >= 0; axis--) {
        position[axis]++;
        if (position[axis] < to.extent(axis)) {
          break;
        }
        position[axis] = 0;
      }
    }
    return map;
  }

  private static int[] sliceMap(Step.Axis axis, int from, int length) {
    int[] map = new int[axis.outer() * length * axis.inner()];
    int at = 0;
    for (int o = 0; o < axis.outer(); o++) {
      for (int k = 0; k < length * axis.inner(); k++) {
        map[at++] = (o * axis.extent() + from) * axis.inner() + k;
      }
    }
    return map;
  }

  private static int[] padMap(Step.Axis axis, int from, int extent) {
    int[] map = new int[axis.outer() * extent * axis.inner()];
    java.util.Arrays.fill(map, -1);
    int run = axis.extent() * axis.inner();
    for (int o = 0; o < axis.outer(); o++) {
      for (int k = 0; k < run; k++) {
        map[(o * extent + from) * axis.inner() + k] = o * run + k;
      }
    }
    return map;
  }

  private static int[] strides(List<Integer> extents) {
    int[] strides = new int[extents.size()];
    int stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents.get(axis);
    }
    return strides;
  }

  // Contractions.

  private Buffer contract(Node node, Fusion.Fused fused, Wanted wanted) {
    if (Lookups.of(node).isPresent()) {
      return placed(node, Labels.range(0, node.shape().rank()), node.shape(), wanted);
    }
    Contract contract = fused.contract();
    Map<Integer, Integer> extents = new HashMap<>(contract.extents(fused.operands()));
    extents.put(Contraction.SAMPLE, TYPICAL_ROWS);
    List<Tensor> factors = new ArrayList<>();
    for (int k = 0; k < fused.operands().size(); k++) {
      Buffer buffer = places.get(fused.operands().get(k));
      factors.add(reduced(new Tensor(buffer, contract.in().get(k)), k, contract, extents));
    }
    Contraction plain = contraction(factors, contract.out(), node.sampled(), extents);
    if (wanted == Wanted.UPPER_TRIANGLE || contract.overSamples()) {
      Folding folding = new Folding(node, contract.out(), factors, extents, symmetric);
      Optional<Folding.ScaledOuter> outer = folding.scaledOuter();
      if (contract.overSamples() && outer.isPresent()) {
        return gram(outer.get(), folding, contract.coefficient(), wanted);
      }
      if (folding.exists()) {
        Contraction halves =
            contraction(folding.placeholders(), folding.out(), node.sampled(), folding.extents());
        if (halves.cost() + folding.cost(Costs.PASS * TYPICAL_ROWS) < plain.cost()) {
          int[] map = folding.unfold();
          return part(folded(folding, halves, contract, node.sampled()), map, wanted);
        }
      }
    }
    if (wanted == Wanted.UPPER_TRIANGLE && sharesOut(factors, contract.out())) {
      return sharedTriangle(factors, extents, contract, node.sampled());
    }
    Contracting contracting =
        new Contracting(factors, extents, contract.out(), contract.coefficient());
    Buffer whole = contracting.finish(contracting.build(plain.order(), true), node.sampled());
    return wanted == Wanted.WHOLE ? whole : halfOf(whole);
  }

  /**
   * A contraction with lookups: the product of its other factors, put where the lookups say.
   *
   * @param axes which axis of the contraction's result each axis of the result is; one that is
   *     named twice makes a diagonal
   * @param shape the result's shape
   */
  private Buffer placed(Node node, List<Integer> axes, Shape shape, Wanted wanted) {
    Contract contract = (Contract) node.op();
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
    int[] strides = strides(shape.extents());
    for (int axis = 0; axis < strides.length; axis++) {
      int label = contract.out().get(axes.get(axis));
      boolean row = order > 0 && strides[axis] >= order;
      (row ? rows : columns)
          .merge(label, row ? strides[axis] / order : strides[axis], Integer::sum);
    }
    List<Step.Lookup> lookups = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    for (Lookups.Lookup lookup : found.lookups()) {
      boolean first = !slots.contains(lookup.label());
      if (first) {
        slots.add(lookup.label());
      }
      lookups.add(
          new Step.Lookup(
              places.get(lookup.index()),
              lookup.extent(),
              lookup.from(),
              lookup.length(),
              slots.indexOf(lookup.label()),
              first ? rows.getOrDefault(lookup.label(), 0) : 0,
              first ? columns.getOrDefault(lookup.label(), 0) : 0,
              lookup
                  .row()
                  .map(row -> offsets(rest, kept, Map.of(row, 1)))
                  .orElseGet(() -> new int[0])));
    }
    int size = order > 0 ? Folding.half(order) : shape.size();
    List<Buffer> from = new ArrayList<>(List.of(values));
    lookups.forEach(lookup -> from.add(lookup.index()));
    return emit(
        new Step.Place(
            values,
            lookups,
            offsets(rest, kept, rows),
            offsets(rest, kept, columns),
            order,
            Step.Into.REPLACE,
            result(node.sampled(), size, from)));
  }

  /** What is placed: the product of these factors, its axes in the order of {@code kept}. */
  private Buffer values(Node node, List<Integer> rest, List<Integer> kept) {
    Contract contract = (Contract) node.op();
    Map<Integer, Integer> extents = new HashMap<>(contract.extents(node.operands()));
    extents.put(Contraction.SAMPLE, TYPICAL_ROWS);
    if (rest.isEmpty()) {
      Tensor one = new Tensor(ones(), List.of());
      return product(List.of(one), kept, extents, contract.coefficient()).buffer();
    }
    Contract product =
        new Contract(
            rest.stream().map(contract.in()::get).toList(),
            kept,
            new Shape(kept.stream().map(extents::get).toList()),
            false,
            contract.coefficient());
    List<Tensor> factors = new ArrayList<>();
    for (int k = 0; k < rest.size(); k++) {
      Buffer buffer = places.get(node.operand(rest.get(k)));
      factors.add(reduced(new Tensor(buffer, product.in().get(k)), k, product, extents));
    }
    boolean sampled = factors.stream().anyMatch(factor -> factor.buffer().sampled());
    Contraction order = contraction(factors, kept, sampled, extents);
    Contracting contracting = new Contracting(factors, extents, kept, contract.coefficient());
    return contracting.finish(contracting.build(order.order(), true), sampled);
  }

  /** How far each element of a tensor is moved, where a step along an axis moves so far. */
  private static int[] offsets(Shape shape, List<Integer> labels, Map<Integer, Integer> strides) {
    int[] offsets = new int[shape.size()];
    int[] inner = strides(shape.extents());
    for (int k = 0; k < offsets.length; k++) {
      for (int axis = 0; axis < inner.length; axis++) {
        int position = k / inner[axis] % shape.extent(axis);
        offsets[k] += position * strides.getOrDefault(labels.get(axis), 0);
      }
    }
    return offsets;
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
      List<Tensor> factors, Map<Integer, Integer> extents, Contract contract, boolean sampled) {
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
    Contracting product = new Contracting(shared, extents, square, 1);
    Buffer whole = product.finish(product.build(order.order(), true), false);
    int width = size(links, extents);
    int[] upper = Folding.upperTriangle((int) Math.round(Math.sqrt(whole.size() / width)));
    int[] map = new int[upper.length * width];
    for (int k = 0; k < map.length; k++) {
      map[k] = upper[k / width] * width + k % width;
    }
    int triangle = Collections.max(extents.keySet()) + 1;
    Map<Integer, Integer> all = new HashMap<>(extents);
    all.put(triangle, upper.length);
    rest.add(
        new Tensor(rearrange(whole, map, map.length), Labels.concat(List.of(triangle), links)));
    List<Integer> out = List.of(triangle);
    Contracting contracting = new Contracting(rest, all, out, contract.coefficient());
    Contraction last = contraction(rest, out, sampled, all);
    return contracting.finish(contracting.build(last.order(), true), sampled);
  }

  /** How much of a contraction is wanted. */
  private enum Wanted {
    WHOLE,
    /** The upper triangle of the result as a matrix of as many rows as columns. */
    UPPER_TRIANGLE
  }

  /** The sum over samples of an outer product of a vector with itself, scaled. */
  private Buffer gram(
      Folding.ScaledOuter outer, Folding folding, double coefficient, Wanted wanted) {
    Buffer x = outer.x();
    int n = x.size();
    Buffer scale = scale(outer, folding.extents(), coefficient).orElseThrow();
    int rows = Math.max(FEWEST_SCALED, Math.min(MOST_SCALED, CACHED / n));
    Buffer upper =
        emit(
            new Step.Gram(
                x, scale, buffer(false, rows * n, true), result(false, n * n, List.of(x))));
    int[] map = Folding.upperTriangle(n);
    if (wanted == Wanted.UPPER_TRIANGLE) {
      return rearrange(upper, map, map.length);
    }
    int[] mirrored = new int[n * n];
    for (int at : map) {
      mirrored[at] = at;
      mirrored[at % n * n + at / n] = at;
    }
    return rearrange(upper, mirrored, mirrored.length);
  }

  /** What multiplies an outer product, if it is not 1. */
  private Optional<Buffer> scale(
      Folding.ScaledOuter outer, Map<Integer, Integer> extents, double coefficient) {
    if (outer.scales().isEmpty() && coefficient == 1) {
      return Optional.empty();
    }
    if (outer.scales().isEmpty()) {
      Buffer constant = buffer(false, 1, false);
      constants.put(constant, coefficient);
      return Optional.of(constant);
    }
    return Optional.of(
        outer.scales().size() == 1 && coefficient == 1
            ? outer.scales().get(0).buffer()
            : product(outer.scales(), List.of(), extents, coefficient).buffer());
  }

  private Buffer folded(Folding folding, Contraction halves, Contract contract, boolean sampled) {
    Optional<Folding.ScaledOuter> outer = folding.scaledOuter();
    if (sampled && outer.isPresent()) {
      Buffer x = outer.get().x();
      Optional<Buffer> scale = scale(outer.get(), folding.extents(), contract.coefficient());
      List<Buffer> from = new ArrayList<>(List.of(x));
      scale.ifPresent(from::add);
      return emit(Step.Triangle.outer(x, scale, result(true, Folding.half(x.size()), from)));
    }
    List<Tensor> packed = folding.tensors(this::outerHalf, this::halfOf);
    Contracting contracting =
        new Contracting(packed, folding.extents(), folding.out(), contract.coefficient());
    return contracting.finish(contracting.build(halves.order(), true), sampled);
  }

  /** What is wanted of a folded result; {@code map} says where each element of the whole one is. */
  private Buffer part(Buffer folded, int[] map, Wanted wanted) {
    if (wanted == Wanted.WHOLE) {
      return rearrange(folded, map, map.length);
    }
    int[] upper = Folding.upperTriangle((int) Math.round(Math.sqrt(map.length)));
    boolean identity = upper.length == folded.size();
    for (int k = 0; k < upper.length; k++) {
      upper[k] = map[upper[k]];
      identity &= upper[k] == k;
    }
    return identity ? folded : rearrange(folded, upper, upper.length);
  }

  private static Contraction contraction(
      List<Tensor> factors, List<Integer> out, boolean sampled, Map<Integer, Integer> extents) {
    Set<Integer> wanted = new LinkedHashSet<>(out);
    if (sampled) {
      wanted.add(Contraction.SAMPLE);
    }
    return new Contraction(factors.stream().map(Planner::labels).toList(), wanted, extents);
  }

  /** The products x_i x_j with i at most j, of the elements of a tensor. */
  private Buffer outerHalf(Buffer x) {
    return outerHalves.computeIfAbsent(
        x,
        key ->
            emit(
                Step.Triangle.outer(
                    x, Optional.empty(), result(x.sampled(), Folding.half(x.size()), List.of(x)))));
  }

  /** The upper triangle of a matrix, row by row. */
  private Buffer halfOf(Buffer matrix) {
    return halves.computeIfAbsent(
        matrix,
        key -> {
          int n = (int) Math.round(Math.sqrt(matrix.size()));
          return rearrange(matrix, Folding.upperTriangle(n), Folding.half(n));
        });
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
  private Tensor reduced(
      Tensor tensor, int index, Contract contract, Map<Integer, Integer> extents) {
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
    return product(List.of(tensor), kept, extents, 1);
  }

  private static int size(List<Integer> labels, Map<Integer, Integer> extents) {
    int size = 1;
    for (int label : labels) {
      size = Math.multiplyExact(size, extents.get(label));
    }
    return size;
  }

  private Tensor product(
      List<Tensor> factors, List<Integer> out, Map<Integer, Integer> extents, double coefficient) {
    Set<Integer> all = new LinkedHashSet<>();
    factors.forEach(f -> all.addAll(f.labels()));
    List<Integer> summed = Contraction.notIn(new ArrayList<>(all), new HashSet<>(out));
    List<Step.Walk> walks = factors.stream().map(f -> walk(f, out, summed, extents)).toList();
    boolean sampled = factors.stream().anyMatch(f -> f.buffer().sampled());
    Buffer result =
        result(sampled, size(out, extents), factors.stream().map(Tensor::buffer).toList());
    emit(
        new Step.Product(
            walks,
            out.stream().map(extents::get).toList(),
            summed.stream().map(extents::get).toList(),
            coefficient,
            Step.Into.REPLACE,
            result));
    return new Tensor(result, out);
  }

  private static Step.Walk walk(
      Tensor factor, List<Integer> out, List<Integer> summed, Map<Integer, Integer> extents) {
    int[] strides = strides(factor.labels().stream().map(extents::get).toList());
    return new Step.Walk(
        factor.buffer(),
        out.stream().map(label -> stride(factor, strides, label)).toList(),
        summed.stream().map(label -> stride(factor, strides, label)).toList());
  }

  /** An index that a factor has on several axes walks its diagonal. */
  private static int stride(Tensor factor, int[] strides, int label) {
    int stride = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      stride += factor.labels().get(axis) == label ? strides[axis] : 0;
    }
    return stride;
  }

  /** Whether axes lie in the same order; those of extent 1 may go anywhere. */
  private static boolean isSameOrder(
      List<Integer> a, List<Integer> b, Map<Integer, Integer> extents) {
    Set<Integer> single = new HashSet<>(a);
    single.removeIf(label -> extents.get(label) != 1);
    return Contraction.notIn(a, single).equals(Contraction.notIn(b, single));
  }

  /** The tensor with its axes in another order. */
  private Tensor ordered(Tensor tensor, List<Integer> order, Map<Integer, Integer> extents) {
    if (tensor.labels().equals(order)) {
      return tensor;
    }
    List<Integer> axes = order.stream().map(tensor.labels()::indexOf).toList();
    if (isSameOrder(tensor.labels(), order, extents)) {
      return new Tensor(tensor.buffer(), order);
    }
    Shape from = new Shape(tensor.labels().stream().map(extents::get).toList());
    Ordered key = new Ordered(tensor.buffer(), from.extents(), axes);
    Shape to = new Shape(order.stream().map(extents::get).toList());
    Buffer buffer = rearranged.get(key);
    if (buffer == null) {
      buffer = rearrange(tensor.buffer(), spreadMap(from, axes, to), to.size());
      rearranged.put(key, buffer);
    }
    return new Tensor(buffer, order);
  }

  private Buffer ones() {
    if (ones == null) {
      ones = buffer(true, 1, false);
      constants.put(ones, 1.0);
    }
    return ones;
  }

  /** Emits the steps of one contraction. */
  private final class Contracting {
    private final List<Tensor> factors;
    private final Map<Integer, Integer> extents;
    private final List<Integer> out;
    private double coefficient;

    Contracting(
        List<Tensor> factors,
        Map<Integer, Integer> extents,
        List<Integer> out,
        double coefficient) {
      this.factors = factors;
      this.extents = extents;
      this.out = out;
      this.coefficient = coefficient;
    }

    /** The coefficient, once: it goes into the last step that can carry it. */
    private double takeCoefficient(boolean last) {
      if (!last) {
        return 1;
      }
      double taken = coefficient;
      coefficient = 1;
      return taken;
    }

    Buffer finish(Tensor tensor, boolean sampled) {
      Tensor result = tensor;
      if (result.buffer().sampled() && !sampled) {
        result = sumOverSamples(result);
      }
      if (coefficient != 1
          || !new HashSet<>(result.labels()).equals(new HashSet<>(out))
          || result.labels().size() != out.size()) {
        result = product(List.of(result), out, extents, takeCoefficient(true));
      }
      return ordered(result, out, extents).buffer();
    }

    Tensor build(Contraction.Order order, boolean last) {
      if (order instanceof Contraction.Factor factor) {
        return factors.get(factor.index());
      }
      Contraction.Pair pair = (Contraction.Pair) order;
      Optional<Tensor> three = last ? scaledTwice(pair) : Optional.empty();
      if (three.isPresent()) {
        return three.get();
      }
      return multiply(build(pair.left(), false), build(pair.right(), false), pair.kept(), last);
    }

    /** Three factors of each sample, none summed over, where one has all of the result's axes. */
    private Optional<Tensor> scaledTwice(Contraction.Pair pair) {
      boolean whole =
          factors.size() == 3
              && pair.kept().contains(Contraction.SAMPLE)
              && factors.stream().allMatch(f -> pair.kept().containsAll(f.labels()))
              && factors.stream()
                  .anyMatch(f -> f.buffer().sampled() && f.labels().size() == out.size())
              && !pairIsSmall(pair.kept());
      return whole
          ? Optional.of(product(factors, out, extents, takeCoefficient(true)))
          : Optional.empty();
    }

    /** Whether two of the factors make less than the result: they are multiplied first. */
    private boolean pairIsSmall(Set<Integer> kept) {
      for (int k = 0; k < factors.size(); k++) {
        Set<Integer> others = new HashSet<>(List.of(Contraction.SAMPLE));
        for (int l = 0; l < factors.size(); l++) {
          others.addAll(l == k ? List.of() : factors.get(l).labels());
        }
        if (!others.containsAll(kept)) {
          return true;
        }
      }
      return false;
    }

    private Tensor multiply(Tensor a, Tensor b, Set<Integer> kept, boolean last) {
      Set<Integer> both = new HashSet<>(a.labels());
      both.retainAll(b.labels());
      Set<Integer> contracted = new LinkedHashSet<>(both);
      contracted.removeAll(kept);
      Set<Integer> batch = new LinkedHashSet<>(both);
      batch.retainAll(kept);
      boolean sums = !kept.contains(Contraction.SAMPLE);
      if (sums && a.buffer().sampled() != b.buffer().sampled()) {
        // What only one factor has is summed in it first.
        return a.buffer().sampled()
            ? multiply(sumOverSamples(a), b, kept, last)
            : multiply(a, sumOverSamples(b), kept, last);
      }
      if (sums && a.buffer().sampled()) {
        return batch.isEmpty()
            ? summed(a, b, contracted, last)
            : sumOverSamples(small(a, b, kept, last));
      }
      boolean shared =
          !(a.buffer().sampled() && b.buffer().sampled())
              && batch.isEmpty()
              && !contracted.isEmpty();
      if (shared) {
        return a.buffer().sampled() || !b.buffer().sampled()
            ? sharedProduct(a, b, contracted, last)
            : sharedProduct(b, a, contracted, last);
      }
      return small(a, b, kept, last);
    }

    /** Factors multiplied sample by sample, without a matrix product. */
    private Tensor small(Tensor a, Tensor b, Set<Integer> kept, boolean last) {
      Set<Integer> all = new LinkedHashSet<>(a.labels());
      all.addAll(b.labels());
      // In the order of the result, so that what is made of it need not be put in order.
      List<Integer> labels =
          last || new HashSet<>(out).containsAll(Contraction.in(new ArrayList<>(all), kept))
              ? Contraction.in(out, all)
              : Contraction.in(new ArrayList<>(all), kept);
      return product(List.of(a, b), labels, extents, takeCoefficient(last));
    }

    private Tensor summed(Tensor a, Tensor b, Set<Integer> contracted, boolean last) {
      List<Integer> inner = new ArrayList<>(contracted);
      List<Integer> rows = Contraction.notIn(a.labels(), contracted);
      List<Integer> columns = Contraction.notIn(b.labels(), contracted);
      if (last
          && isSameOrder(Labels.concat(columns, rows), out, extents)
          && !isSameOrder(Labels.concat(rows, columns), out, extents)) {
        return summed(b, a, contracted, true);
      }
      Tensor left = ordered(a, Labels.concat(inner, rows), extents);
      Tensor right = ordered(b, Labels.concat(inner, columns), extents);
      Buffer result =
          buffer(false, Math.multiplyExact(size(rows, extents), size(columns, extents)), true);
      emit(
          new Step.SummedProduct(
              left.buffer(),
              right.buffer(),
              size(inner, extents),
              size(rows, extents),
              size(columns, extents),
              takeCoefficient(last),
              Step.Into.REPLACE,
              result));
      return new Tensor(result, Labels.concat(rows, columns));
    }

    private Tensor sumOverSamples(Tensor tensor) {
      return summed(new Tensor(ones(), List.of()), tensor, Set.of(), false);
    }

    /** What is computed once may have its columns in the order in which they are wanted. */
    private List<Integer> columns(Tensor b, Set<Integer> contracted, boolean last) {
      List<Integer> columns = Contraction.notIn(b.labels(), contracted);
      return last && isSameForAll(b.buffer())
          ? Contraction.in(out, new HashSet<>(columns))
          : columns;
    }

    /**
     * Whether a matrix is turned once, for all blocks: BLAS multiplies small ones by up to twice as
     * fast when the summed index comes first.
     */
    private boolean canBeTurned(Buffer matrix) {
      return isSameForAll(matrix) && matrix.size() <= LARGEST_TURNED;
    }

    private Tensor sharedProduct(Tensor a, Tensor b, Set<Integer> contracted, boolean last) {
      List<Integer> inner = Contraction.in(a.labels(), contracted);
      List<Integer> rows = Contraction.notIn(a.labels(), contracted);
      List<Integer> columns = columns(b, contracted, last);
      Tensor left = ordered(a, Labels.concat(rows, inner), extents);
      boolean columnsFirst =
          b.labels().equals(Labels.concat(columns, inner)) && !canBeTurned(b.buffer());
      Tensor right = columnsFirst ? b : ordered(b, Labels.concat(inner, columns), extents);
      Buffer result =
          result(
              a.buffer().sampled(),
              Math.multiplyExact(size(rows, extents), size(columns, extents)),
              List.of(a.buffer(), b.buffer()));
      emit(
          new Step.SharedProduct(
              left.buffer(),
              right.buffer(),
              size(rows, extents),
              size(inner, extents),
              size(columns, extents),
              columnsFirst
                  ? Step.SharedProduct.RightSide.COLUMNS_FIRST
                  : Step.SharedProduct.RightSide.INNER_FIRST,
              takeCoefficient(last),
              Step.Into.REPLACE,
              result));
      return new Tensor(result, Labels.concat(rows, columns));
    }
  }
}
