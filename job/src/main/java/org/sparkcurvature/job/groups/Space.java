package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The space in which a group is fitted, of k dimensions: an orthonormal basis of each block of
 * parameters that make predictors, and the parameters that are predictors themselves.
 */
final class Space {
  /** Multiples of it lie apart within 0 and 1. */
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private static final int CHUNK = 1024;

  private final RowForm form;
  private final List<Basis> bases;
  private final int[] firsts;
  private final int[] single;
  private final int size;

  private Space(RowForm form, List<Basis> bases, int[] firsts, int[] single, int size) {
    this.form = form;
    this.bases = bases;
    this.firsts = firsts;
    this.single = single;
    this.size = size;
  }

  /**
   * Looks at a group's rows, and writes their coefficients in the basis in their place.
   *
   * @param l2 factors of half each parameter's square: what they penalise can be told apart
   */
  static Space of(RowForm form, double[] l2, GroupRows rows) {
    Space space = look(form, l2, rows);
    space.transform(rows);
    return space;
  }

  /** The space of a group's rows, which stay as they are. */
  static Space look(RowForm form, double[] l2, GroupRows rows) {
    List<Basis> bases = new ArrayList<>();
    int[] firsts = new int[form.blocks().size()];
    int size = 0;
    for (int b = 0; b < firsts.length; b++) {
      Basis basis = basis(form, b, penalties(form.blocks().get(b), l2), rows);
      firsts[b] = size;
      size += basis.kept().length;
      bases.add(basis);
    }
    int[] single = form.single();
    Arrays.sort(single);
    return new Space(form, bases, firsts, single, size + single.length);
  }

  private static Basis basis(RowForm form, int block, List<double[]> penalties, GroupRows rows) {
    Basis basis = new Basis(form.blocks().get(block).size());
    forEach(form, block, rows, false, basis::addSquares);
    penalties.forEach(row -> basis.addSquares(row, 0, 1, 1));
    if (basis.needsRows()) {
      forEach(form, block, rows, false, basis::add);
      penalties.forEach(row -> basis.add(row, 0, 1, 1));
      basis.finish();
    }
    return basis;
  }

  /** Writes the coefficients of rows in the basis in their place. */
  void transform(GroupRows rows) {
    for (int b = 0; b < bases.size(); b++) {
      forEach(form, b, rows, true, bases.get(b)::toBasis);
    }
  }

  /** A row for each parameter that is penalised. */
  private static List<double[]> penalties(RowForm.Block block, double[] l2) {
    List<double[]> rows = new ArrayList<>();
    for (int j = 0; j < block.size(); j++) {
      double factor = l2[block.parameters().get(j)];
      if (factor > 0) {
        double[] row = new double[block.size()];
        row[j] = Math.sqrt(factor);
        rows.add(row);
      }
    }
    return rows;
  }

  private interface Visit {
    void take(double[] array, int at, int step, int count);
  }

  /**
   * Visits the coefficients of the predictors of a block, predictor by predictor of some rows;
   * {@code changes} them or not.
   */
  private static void forEach(
      RowForm form, int block, GroupRows rows, boolean changes, Visit visit) {
    int width = 1 + form.blocks().get(block).size();
    for (long from = 0; from < rows.count(); from += CHUNK) {
      int count = (int) Math.min(CHUNK, rows.count() - from);
      GroupRows.Slice slice = rows.read(from, count);
      for (RowForm.Tensor tensor : form.tensors()) {
        for (int e = 0; tensor.block() == block && e < tensor.size(); e++) {
          int at = slice.column(tensor.at() + e * width + 1);
          visit.take(slice.array(), at, slice.step(), count);
        }
      }
      if (changes) {
        rows.write(from, slice, count);
      }
    }
  }

  /** k. */
  int size() {
    return size;
  }

  /** How many dimensions the basis of a block has. */
  int size(int block) {
    return bases.get(block).kept().length;
  }

  /** The first dimension of a block. */
  int first(int block) {
    return firsts[block];
  }

  /** The dimension of a parameter that is a predictor. */
  int dimension(int parameter) {
    return size - single.length + Arrays.binarySearch(single, parameter);
  }

  /** Parameters that are no part of the space: others determine their columns. */
  List<Integer> dropped() {
    List<Integer> dropped = new ArrayList<>();
    for (int b = 0; b < bases.size(); b++) {
      List<Integer> own = form.blocks().get(b).parameters();
      for (int j = 0; j < own.size(); j++) {
        if (bases.get(b).isDependent(j)) {
          dropped.add(own.get(j));
        }
      }
    }
    return dropped;
  }

  /** The direction in parameters along which no predictor changes, 1 at a dropped one. */
  double[] flat(int dropped) {
    double[] direction = new double[form.parameters()];
    for (int b = 0; b < bases.size(); b++) {
      List<Integer> own = form.blocks().get(b).parameters();
      int j = own.indexOf(dropped);
      if (j >= 0) {
        double[] part = bases.get(b).direction(j);
        for (int i = 0; i < part.length; i++) {
          direction[own.get(i)] = part[i];
        }
      }
    }
    return direction;
  }

  /**
   * A direction in which the rows do not tell the parameters: all such directions, mixed, so that
   * what does not change along it changes along none of them; empty where there is none.
   */
  double[] undetermined() {
    List<Integer> dropped = dropped();
    if (dropped.isEmpty()) {
      return new double[0];
    }
    double[] scales = scales();
    double[] mixed = new double[form.parameters()];
    double part = 0;
    for (int column : dropped) {
      double[] direction = flat(column);
      double largest = 0;
      for (int i = 0; i < direction.length; i++) {
        largest = Math.max(largest, Math.abs(direction[i]) * scales[i]);
      }
      // Factors of no pattern: directions do not cancel.
      part = (part + GOLDEN) % 1;
      double factor = (1 + part) / (largest > 0 ? largest : 1);
      for (int i = 0; i < direction.length; i++) {
        mixed[i] += factor * direction[i];
      }
    }
    return mixed;
  }

  /** What an element of a direction is multiplied by to be compared with others; length P. */
  double[] scales() {
    double[] scales = new double[form.parameters()];
    Arrays.fill(scales, 1);
    for (int b = 0; b < bases.size(); b++) {
      List<Integer> own = form.blocks().get(b).parameters();
      for (int j = 0; j < own.size(); j++) {
        scales[own.get(j)] = bases.get(b).norms()[j];
      }
    }
    return scales;
  }

  /** Parameters as a point of the space; those that are dropped count as 0. */
  double[] point(double[] theta) {
    double[] z = new double[size];
    for (int b = 0; b < bases.size(); b++) {
      int[] kept = bases.get(b).kept();
      double[] own = new double[kept.length];
      for (int k = 0; k < own.length; k++) {
        own[k] = theta[form.blocks().get(b).parameters().get(kept[k])];
      }
      double[] gamma = bases.get(b).toBasis(own);
      System.arraycopy(gamma, 0, z, firsts[b], gamma.length);
    }
    for (int parameter : single) {
      z[dimension(parameter)] = theta[parameter];
    }
    return z;
  }

  /**
   * A vector of the space as one of parameters.
   *
   * @param theta what elements have that are no part of the space
   */
  double[] parameters(double[] z, double[] theta) {
    double[] result = theta.clone();
    for (int b = 0; b < bases.size(); b++) {
      int[] kept = bases.get(b).kept();
      double[] gamma = Arrays.copyOfRange(z, firsts[b], firsts[b] + kept.length);
      bases.get(b).back(gamma);
      for (int k = 0; k < kept.length; k++) {
        result[form.blocks().get(b).parameters().get(kept[k])] = gamma[k];
      }
    }
    for (int parameter : single) {
      result[parameter] = z[dimension(parameter)];
    }
    return result;
  }

  /** The Jacobian of the parameters by the point: P x k, row-major. */
  double[] jacobian() {
    double[] jacobian = new double[form.parameters() * size];
    for (int b = 0; b < bases.size(); b++) {
      List<Integer> own = form.blocks().get(b).parameters();
      int[] kept = bases.get(b).kept();
      double[] back = bases.get(b).back();
      for (int i = 0; i < kept.length; i++) {
        int to = own.get(kept[i]) * size + firsts[b];
        System.arraycopy(back, i * kept.length, jacobian, to, kept.length);
      }
    }
    for (int parameter : single) {
      jacobian[parameter * size + dimension(parameter)] = 1;
    }
    return jacobian;
  }
}
