package org.sparkcurvature.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.diff.Differentiator.Reduction;
import org.sparkcurvature.diff.SafeWhere;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.plan.PlannedSteps;
import org.sparkcurvature.plan.Planner;
import org.sparkcurvature.rewrite.Rewriter;
import org.sparkcurvature.rewrite.ScaledNorms;

/** The nodes of everything that a specification asks for, and where each belongs in the results. */
final class SpecNodes {
  private final DerivativeSpec spec;
  private final Model model;

  /** Named results as functions of their own, in which no branch of the loss plays a part. */
  private final Map<String, Node> outputs;

  private final Differentiator differentiator;

  private final List<Node> wanted = new ArrayList<>();

  /** Results of each sample, by column: the pieces from which a column is put together. */
  private final Map<String, List<ResultBlock>> columns = new LinkedHashMap<>();

  private final List<Node> value = new ArrayList<>();
  private final List<Node> checked = new ArrayList<>();
  private final List<ResultBlock> gradient = new ArrayList<>();
  private final List<ResultBlock> products = new ArrayList<>();
  private final Map<String, Node> vectors = new LinkedHashMap<>();
  private final Map<String, Node> cotangents = new LinkedHashMap<>();
  private final Map<Request.Curvature, List<ResultBlock>> curvatures = new LinkedHashMap<>();

  /**
   * The nodes.
   *
   * @param mode how second derivatives are taken
   */
  SpecNodes(DerivativeSpec spec, Differentiator.Mode mode) {
    this.spec = spec;
    MatrixLimit.check(spec);
    SafeWhere.Guarded guarded =
        SafeWhere.guarded(
            ScaledNorms.in(
                Rewriter.rewrite(spec.model(), spec.request().differentiators()).model(),
                spec.request().differentiators()),
            functions(spec.request().perSample()));
    this.model = guarded.model();
    this.outputs = guarded.outputs();
    Request request = spec.request();
    Request.Global global = request.global();
    Request.PerSample perSample = request.perSample();
    List<Node> jacobianOf = new ArrayList<>();
    perSample.jacobianOf().forEach(z -> jacobianOf.add(outputs.get(z)));
    global.ggn().ifPresent(z -> jacobianOf.add(model.named(z)));
    this.differentiator =
        new Differentiator(
            model,
            request.wrt(),
            jacobianOf,
            perSample.adjointOf(),
            request.second() ? Differentiator.Order.SECOND : Differentiator.Order.FIRST,
            mode);
    build();
  }

  /** The steps that compute them. */
  PlannedSteps steps() {
    return Planner.steps(model.graph(), wanted, differentiator.symmetric(), deliverable());
  }

  /** Names that are wanted as functions of their own. */
  private static Set<String> functions(Request.PerSample perSample) {
    Set<String> names = new LinkedHashSet<>(perSample.valuesOf());
    names.addAll(perSample.jacobianOf());
    names.addAll(perSample.products().jvpOf());
    names.addAll(perSample.products().vjpOf());
    return names;
  }

  private void build() {
    Layout layout = spec.layout();
    Request.Global global = spec.request().global();
    Request.PerSample perSample = spec.request().perSample();
    if (spec.request().isOfTheLoss() && !global.value() && !perSample.value()) {
      checked.add(want(model.loss()));
    }
    if (global.value()) {
      value.add(want(differentiator.value(Reduction.SUM)));
    }
    if (global.gradient()) {
      for (Layout.Entry e : layout.entries()) {
        gradient.add(vector(e, differentiator.gradient(e.name(), Reduction.SUM)));
      }
    }
    for (Layout.Entry e : layout.entries()) {
      if (spec.request().vectors() > 0) {
        vectors.put(e.name(), differentiator.directions(e.name(), spec.request().vectors()));
      }
    }
    if (global.products() > 0) {
      for (Layout.Entry e : layout.entries()) {
        Node product =
            want(differentiator.hessianProduct(e.name(), global.products(), Reduction.SUM));
        products.add(
            new ResultBlock(
                0,
                e.offset(),
                global.products(),
                e.shape().size(),
                ResultBlock.Cells.VECTOR,
                product));
      }
    }
    buildHessian(layout, global.hessian());
    global
        .ggn()
        .ifPresent(
            z ->
                curvatures.put(
                    Request.Curvature.GGN,
                    wholeOrParts(
                        layout,
                        () ->
                            upperBlocks(
                                layout,
                                ResultBlock.Cells.RECTANGLE,
                                (a, b) -> differentiator.ggn(z, a, b, Reduction.SUM)),
                        (a, b) -> differentiator.ggn(z, a, b, Reduction.SUM))));
    if (global.opg()) {
      curvatures.put(
          Request.Curvature.OPG,
          wholeOrParts(
              layout,
              () ->
                  upperBlocks(
                      layout,
                      ResultBlock.Cells.UPPER_TRIANGLE,
                      (a, b) ->
                          a.equals(b)
                              ? differentiator.opgUpper(a, Reduction.SUM)
                              : differentiator.opg(a, b, Reduction.SUM)),
              (a, b) -> differentiator.opg(a, b, Reduction.SUM)));
    }

    if (perSample.value()) {
      columns.put("value", List.of(whole(differentiator.value(Reduction.PER_SAMPLE))));
    }
    if (perSample.gradient()) {
      columns.put(
          "gradient",
          layout.entries().stream()
              .map(e -> vector(e, differentiator.gradient(e.name(), Reduction.PER_SAMPLE)))
              .toList());
    }
    switch (perSample.hessian()) {
      case NONE -> {}
      case DIAGONAL ->
          columns.put(
              "hessian",
              layout.entries().stream()
                  .map(
                      e ->
                          vector(e, differentiator.hessianDiagonal(e.name(), Reduction.PER_SAMPLE)))
                  .toList());
      case PACKED, FULL -> columns.put("hessian", hessianBlocks(layout, Reduction.PER_SAMPLE));
    }
    perSample
        .valuesOf()
        .forEach(
            z -> columns.put(SampleResult.valueOf(z).column(), List.of(whole(outputs.get(z)))));
    perSample
        .adjointOf()
        .forEach(
            z ->
                columns.put(
                    SampleResult.adjointOf(z).column(), List.of(whole(differentiator.adjoint(z)))));
    buildProducts(layout, perSample.products());
    for (String z : perSample.jacobianOf()) {
      int k = model.named(z).shape().size();
      columns.put(
          SampleResult.jacobianOf(z).column(),
          layout.entries().stream()
              .map(
                  e ->
                      new ResultBlock(
                          0,
                          e.offset(),
                          k,
                          e.shape().size(),
                          ResultBlock.Cells.VECTOR,
                          want(differentiator.jacobian(outputs.get(z), e.name()))))
              .toList());
    }
  }

  private void buildProducts(Layout layout, Request.Products products) {
    int count = products.vectors();
    if (products.hessian()) {
      columns.put(
          "product",
          layout.entries().stream()
              .map(
                  e ->
                      new ResultBlock(
                          0,
                          e.offset(),
                          count,
                          e.shape().size(),
                          ResultBlock.Cells.VECTOR,
                          want(
                              differentiator.hessianProduct(
                                  e.name(), count, Reduction.PER_SAMPLE))))
              .toList());
    }
    for (String z : products.jvpOf()) {
      columns.put(
          SampleResult.jacobianProductOf(z).column(),
          List.of(whole(differentiator.jacobianProduct(outputs.get(z), count))));
    }
    for (String z : products.vjpOf()) {
      Node output = outputs.get(z);
      Node cotangent = model.graph().input("cotangent of " + z, output.shape());
      cotangents.put(z, cotangent);
      Algebra algebra = new Algebra(model.graph());
      List<Integer> labels = Labels.range(0, output.shape().rank());
      Node product =
          algebra.contract(
              List.of(cotangent, output), List.of(labels, labels), List.of(), Shape.SCALAR, 1);
      // J_z' c is the gradient of c.z.
      Differentiator transposed =
          new Differentiator(
              new Model(
                  model.graph(), model.inputs(), model.parameters(), model.definitions(), product),
              spec.request().wrt(),
              List.of(),
              List.of(),
              Differentiator.Order.FIRST,
              Differentiator.Mode.REVERSE);
      columns.put(
          SampleResult.transposedJacobianProductOf(z).column(),
          layout.entries().stream()
              .map(e -> vector(e, transposed.gradient(e.name(), Reduction.PER_SAMPLE)))
              .toList());
    }
  }

  private void buildHessian(Layout layout, Request.HessianForm form) {
    List<ResultBlock> blocks = new ArrayList<>();
    switch (form) {
      case NONE -> {
        return;
      }
      case DIAGONAL ->
          layout
              .entries()
              .forEach(
                  e ->
                      blocks.add(
                          vector(e, differentiator.hessianDiagonal(e.name(), Reduction.SUM))));
      case BLOCKS ->
          layout
              .entries()
              .forEach(
                  e ->
                      blocks.add(
                          block(
                              e,
                              e,
                              ResultBlock.Cells.UPPER_TRIANGLE,
                              differentiator.hessianUpper(e.name(), Reduction.SUM))));
      case FULL ->
          blocks.addAll(
              wholeOrParts(
                  layout,
                  () -> hessianBlocks(layout, Reduction.SUM),
                  (a, b) -> differentiator.hessian(a, b, Reduction.SUM)));
    }
    curvatures.put(Request.Curvature.HESSIAN, blocks);
  }

  @FunctionalInterface
  private interface Pairwise {
    Node of(String a, String b);
  }

  @FunctionalInterface
  private interface PairwiseParts {
    Node of(Differentiator.TensorRange rows, Differentiator.TensorRange columns);
  }

  /** A matrix as the request wants it. */
  private List<ResultBlock> wholeOrParts(
      Layout layout, Supplier<List<ResultBlock>> whole, PairwiseParts pairwise) {
    return spec.request().global().parts().isEmpty() ? whole.get() : parts(layout, pairwise);
  }

  /** The parts of a matrix that are wanted, each in blocks of one tensor by one tensor. */
  private List<ResultBlock> parts(Layout layout, PairwiseParts pairwise) {
    List<ResultBlock> blocks = new ArrayList<>();
    int start = 0;
    for (Request.Rectangle rectangle : spec.request().global().parts()) {
      ResultBlock.Part part = new ResultBlock.Part(rectangle, start);
      start = Math.addExact(start, Math.toIntExact(rectangle.size()));
      for (PlacedRange rows : PlacedRange.of(layout, rectangle.row(), rectangle.rows())) {
        for (PlacedRange columns :
            PlacedRange.of(layout, rectangle.column(), rectangle.columns())) {
          blocks.add(
              new ResultBlock(
                  rows.at(),
                  columns.at(),
                  rows.size(),
                  columns.size(),
                  ResultBlock.Cells.VECTOR,
                  want(pairwise.of(rows.range(), columns.range())),
                  Optional.of(part)));
        }
      }
    }
    return blocks;
  }

  private List<ResultBlock> hessianBlocks(Layout layout, Reduction reduction) {
    return upperBlocks(
        layout,
        ResultBlock.Cells.UPPER_TRIANGLE,
        (a, b) ->
            a.equals(b)
                ? differentiator.hessianUpper(a, reduction)
                : differentiator.hessian(a, b, reduction));
  }

  /** The blocks on and above the diagonal; those on it hold {@code diagonal} cells. */
  private List<ResultBlock> upperBlocks(
      Layout layout, ResultBlock.Cells diagonal, Pairwise pairwise) {
    List<ResultBlock> blocks = new ArrayList<>();
    for (int a = 0; a < layout.entries().size(); a++) {
      for (int b = a; b < layout.entries().size(); b++) {
        Layout.Entry row = layout.entries().get(a);
        Layout.Entry column = layout.entries().get(b);
        ResultBlock.Cells cells = a == b ? diagonal : ResultBlock.Cells.RECTANGLE;
        blocks.add(block(row, column, cells, pairwise.of(row.name(), column.name())));
      }
    }
    return blocks;
  }

  /** Results of each sample that lie in one piece in their column, and are wanted only there. */
  private Set<Node> deliverable() {
    Set<Node> once = new HashSet<>();
    Set<Node> again = new HashSet<>();
    wanted.stream().filter(node -> !once.add(node)).forEach(again::add);
    Set<Node> deliverable = new HashSet<>();
    columns.values().stream()
        .flatMap(List::stream)
        .filter(block -> isOnePiece(block) && !again.contains(block.node()))
        .forEach(block -> deliverable.add(block.node()));
    return deliverable;
  }

  /**
   * Whether a block of a column lies in one piece: a row, or a whole triangle that is wanted as
   * one.
   */
  private boolean isOnePiece(ResultBlock block) {
    return block.rows() == 1 && block.cells() == ResultBlock.Cells.VECTOR
        || block.cells() == ResultBlock.Cells.UPPER_TRIANGLE
            && block.rows() == spec.layout().length()
            && spec.request().perSample().hessian() == Request.SampleHessianForm.PACKED;
  }

  private Node want(Node node) {
    wanted.add(node);
    return node;
  }

  private ResultBlock whole(Node node) {
    return new ResultBlock(0, 0, 1, node.shape().size(), ResultBlock.Cells.VECTOR, want(node));
  }

  private ResultBlock vector(Layout.Entry e, Node node) {
    return new ResultBlock(
        0, e.offset(), 1, e.shape().size(), ResultBlock.Cells.VECTOR, want(node));
  }

  private ResultBlock block(
      Layout.Entry row, Layout.Entry column, ResultBlock.Cells cells, Node node) {
    return new ResultBlock(
        row.offset(),
        column.offset(),
        row.shape().size(),
        column.shape().size(),
        cells,
        want(node));
  }

  DerivativeSpec spec() {
    return spec;
  }

  Model model() {
    return model;
  }

  Map<String, List<ResultBlock>> columns() {
    return columns;
  }

  List<Node> value() {
    return value;
  }

  /**
   * What must be finite though it is not asked for: a loss that overflows may have derivatives that
   * are finite, and wrong, as sqrt(square(x)) has where the square is infinite.
   */
  List<Node> checked() {
    return checked;
  }

  List<ResultBlock> gradient() {
    return gradient;
  }

  /** The Hessian times the vectors: a row for each vector. */
  List<ResultBlock> products() {
    return products;
  }

  /** Where the cotangents of each intermediate are put. */
  Map<String, Node> cotangents() {
    return cotangents;
  }

  /** Where the vectors' parts that belong to each tensor of wrt are put. */
  Map<String, Node> vectors() {
    return vectors;
  }

  Map<Request.Curvature, List<ResultBlock>> curvatures() {
    return curvatures;
  }

  /** Nodes that only decide between branches. */
  BitSet deciding() {
    return SafeWhere.onlyInConditions(wanted);
  }

  /** What a node stands for, for messages. */
  String describe(Node node) {
    return differentiator.describe(node);
  }

  /** The derivatives in index notation. */
  List<String> formulas() {
    return differentiator.formulas();
  }
}
