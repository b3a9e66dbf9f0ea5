package org.sparkcurvature.graph;

import java.util.List;

/** A node without operands. */
public sealed interface Leaf extends Op {

  @Override
  default Shape shape(List<Node> operands) {
    return shape();
  }

  Shape shape();

  /** An input tensor: one value per sample. */
  record Input(String name, Shape shape) implements Leaf {
    @Override
    public boolean sampled(List<Node> operands) {
      return true;
    }

    @Override
    public String describe(List<String> operands) {
      return name;
    }
  }

  /** A parameter: the same for every sample. */
  record Parameter(String name, Shape shape) implements Leaf {
    @Override
    public String describe(List<String> operands) {
      return name;
    }
  }

  /** The weight of a sample in sums over samples: a scalar. */
  record Weight() implements Leaf {
    @Override
    public String name() {
      return "weight";
    }

    @Override
    public Shape shape() {
      return Shape.SCALAR;
    }

    @Override
    public boolean sampled(List<Node> operands) {
      return true;
    }

    @Override
    public String describe(List<String> operands) {
      return "weight";
    }
  }

  /** A tensor all of whose elements are {@code value}. */
  record Fill(double value, Shape shape) implements Leaf {
    @Override
    public String name() {
      return "fill";
    }

    @Override
    public String describe(List<String> operands) {
      return value == Math.rint(value) && Math.abs(value) < 1e9
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }
}
