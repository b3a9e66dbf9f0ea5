package org.sparkcurvature.job.groups;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.KeyedRows;
import org.sparkcurvature.job.source.RowTally;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.rewrite.Coefficients;

/**
 * Fits the groups of one partition: as many at once as fill the evaluator's blocks; a fit that is
 * over makes room for the next group. Results come in the order of the groups.
 */
final class GroupTask implements Iterator<GroupTask.Fitted>, AutoCloseable {
  /** Blocks that the groups that are being fitted fill. */
  private static final int BLOCKS = 2;

  private final GroupProblem problem;
  private final Path folder;
  private final Evaluator evaluator;
  private final Natural natural;
  private final Arrivals arrivals;
  private final Deque<Fitted> open = new ArrayDeque<>();
  private final List<Fitted> active = new ArrayList<>();
  private long activeRows;

  /** A group with its fits. */
  static final class Fitted {
    private final InternalRow key;
    private final GroupFit own;
    private final Optional<HeldOut> heldOut;
    private Optional<GroupFit> shrunken = Optional.empty();
    private boolean over;

    Fitted(InternalRow key, Optional<HeldOut> heldOut, GroupFit own) {
      this.key = key;
      this.heldOut = heldOut;
      this.own = own;
    }

    InternalRow key() {
      return key;
    }

    GroupResult result() {
      return own.result();
    }

    /** What a prior makes of it. */
    GroupResult.Shrunken shrunken(Natural natural) {
      return shrunken.map(fit -> fit.shrunken(natural)).orElse(GroupResult.Shrunken.NONE);
    }

    /** The fit that goes on; empty where all are over. */
    private Optional<GroupFit> open() {
      if (own.isOver() && shrunken.isEmpty() && !over) {
        shrunken = GroupFit.shrunken(own);
      }
      GroupFit last = shrunken.orElse(own);
      if (!last.isOver()) {
        return Optional.of(last);
      }
      Optional<GroupFit> held = over ? Optional.empty() : heldOut.flatMap(HeldOut::open);
      if (held.isEmpty() && !over) {
        over = true;
        close();
      }
      return held;
    }

    private void close() {
      own.rows().close();
      heldOut.ifPresent(HeldOut::close);
    }
  }

  /** What a prior is worth for rows that fits have not seen. */
  HeldOut.Losses heldOut(Fitted fitted) {
    return fitted.heldOut.map(held -> held.losses(evaluator)).orElse(HeldOut.Losses.NONE);
  }

  /** What a prior makes of a group that is over. */
  GroupResult.Shrunken shrunken(Fitted fitted) {
    return fitted.shrunken(natural);
  }

  GroupTask(GroupProblem problem, KeyedRows.Part rows, Path folder) {
    this.problem = problem;
    this.folder = folder;
    this.evaluator = new Evaluator(problem);
    this.natural = new Natural(problem);
    this.arrivals = new Arrivals(problem, rows, folder);
  }

  @Override
  public boolean hasNext() {
    while (open.isEmpty() || !open.peek().over) {
      fill();
      if (open.isEmpty()) {
        return false;
      }
      if (!active.isEmpty()) {
        evaluate();
      }
    }
    return true;
  }

  @Override
  public Fitted next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return open.remove();
  }

  private void fill() {
    while (activeRows < (long) BLOCKS * evaluator.blockRows() && arrivals.hasNext()) {
      Arrived arrived = arrivals.next();
      Fitted fitted =
          new Fitted(
              arrived.key(),
              HeldOut.of(problem, arrived.rows()),
              GroupFit.own(problem, arrived.rows(), arrived.weight()));
      open.add(fitted);
      if (fitted.open().isPresent()) {
        active.add(fitted);
        activeRows += fitted.own.size();
      }
    }
  }

  private void evaluate() {
    List<GroupFit> fits = new ArrayList<>(active.size());
    active.forEach(fitted -> fits.add(fitted.open().orElseThrow()));
    evaluator.evaluate(fits);
    fits.forEach(fit -> fit.advance(evaluator, natural));
    int left = 0;
    for (Fitted fitted : active) {
      if (fitted.open().isEmpty()) {
        activeRows -= fitted.own.size();
      } else {
        active.set(left++, fitted);
      }
    }
    active.subList(left, active.size()).clear();
  }

  /** What became of the rows that were read. */
  RowTally tally() {
    return arrivals.rows.tally();
  }

  @Override
  public void close() {
    evaluator.close();
    natural.close();
    arrivals.close();
    open.forEach(Fitted::close);
  }

  /** A group whose rows are all there. */
  private record Arrived(InternalRow key, GroupRows rows, double weight) {}

  /** Reads rows, block by block, and makes groups of them. */
  private static final class Arrivals implements Iterator<Arrived>, AutoCloseable {
    private static final int BLOCK = 1024;

    private final GroupProblem problem;
    private final RowForm form;
    private final KeyedRows.Part rows;
    private final Path folder;
    private final int most;
    private final Engine affine;
    private final SampleBlock block;
    private final int blockRows;
    private final long[] groups;
    private final double[] clusters;
    private final double[] weights;
    private final Deque<Arrived> whole = new ArrayDeque<>();
    private final RowNumbers numbers;
    private final GroupRows.Room room = new GroupRows.Room();
    private InternalRow key;
    private GroupRows building;
    private double weight;
    private long group = -1;
    private final List<InternalRow> keys = new ArrayList<>();
    private boolean ended;

    Arrivals(GroupProblem problem, KeyedRows.Part rows, Path folder) {
      this.problem = problem;
      this.form = problem.form();
      this.rows = rows;
      this.folder = folder;
      this.most =
          (int) Math.max(64, Math.min(1 << 24, problem.bytes() / Double.BYTES / form.stride()));
      this.affine =
          problem.affine().isEmpty() ? null : problem.affine().get(0).open(problem.parameters());
      this.blockRows = affine == null ? BLOCK : Math.min(BLOCK, affine.blockRows());
      this.block =
          affine == null ? rows.block(blockRows) : new SampleBlock(affine::input, affine.weights());
      this.groups = new long[blockRows];
      this.clusters = new double[blockRows];
      this.weights = new double[blockRows];
      this.numbers = numbers();
      rows.begin(block);
    }

    @Override
    public boolean hasNext() {
      while (whole.isEmpty() && !ended) {
        read();
      }
      return !whole.isEmpty();
    }

    @Override
    public Arrived next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return whole.remove();
    }

    /** Reads a block of rows. */
    private void read() {
      int filled = 0;
      keys.clear();
      long firstGroup = group;
      long seen = group;
      while (filled < blockRows) {
        if (!rows.next(filled)) {
          ended = true;
          break;
        }
        if (rows.group() != seen) {
          // Keys are remembered of groups without a valid row, too.
          keys.add(rows.key());
          seen = rows.group();
          refuseNull(rows.key());
        }
        if (!rows.isValid() || rows.weight() == 0) {
          continue;
        }
        groups[filled] = rows.group();
        weights[filled] = rows.weight();
        if (form.clustered()) {
          clusters[filled] = Double.longBitsToDouble(cluster());
        }
        filled++;
      }
      if (affine != null && filled > 0) {
        affine.evaluateAny(filled);
      }
      for (int from = 0, to = 0; from < filled; from = to) {
        begin(groups[from], firstGroup);
        for (; to < filled && groups[to] == groups[from]; to++) {
          weight += weights[to];
        }
        building.add(numbers, from, to - from);
      }
      begin(seen, firstGroup);
      if (ended) {
        end();
      }
    }

    private void refuseNull(InternalRow own) {
      if (!problem.settings().nullKeys() && KeyedRows.hasNull(own)) {
        throw Errors.nullKey();
      }
    }

    /** A number that is the cluster's: a hash of its text, of 64 bits. */
    private long cluster() {
      Object[] kept = rows.kept();
      Object value = kept[kept.length - 1];
      if (value == null && !problem.settings().nullClusters()) {
        throw Errors.nullGroup();
      }
      String text = value == null ? "" : "=" + value;
      long hash = 0xCBF29CE484222325L;
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
      }
      return hash ^ hash >>> 31;
    }

    /** Makes a group the one that rows are added to, and those before it whole. */
    private void begin(long wanted, long firstGroup) {
      while (group < wanted) {
        end();
        group++;
        key = keys.get((int) (group - firstGroup - 1));
        building = new GroupRows(form, most, folder, room);
        weight = 0;
      }
    }

    private void end() {
      if (building != null) {
        building.arrange();
        whole.add(new Arrived(key, building, weight));
        building = null;
      }
    }

    /** Where each number of a row is: among its tensors, or what the affine model computes. */
    private RowNumbers numbers() {
      RowNumbers found = new RowNumbers(form.stride());
      if (form.clustered()) {
        found.set(0, clusters, 0, 1);
      }
      found.set(form.weightAt(), weights, 0, 1);
      for (RowForm.Input input : form.inputs()) {
        double[] values =
            input.isComputed()
                ? affine.column("value_" + input.name())
                : block.tensor(input.name());
        for (int k = 0; k < input.size(); k++) {
          found.set(input.at() + k, values, k, input.size());
        }
      }
      for (RowForm.Tensor tensor : form.tensors()) {
        if (tensor.isComputed()) {
          setComputed(found, tensor, form.blocks().get(tensor.block()).parameters());
        } else {
          setFound(found, tensor);
        }
      }
      return found;
    }

    private void setFound(RowNumbers found, RowForm.Tensor predictor) {
      int at = predictor.at();
      for (Coefficients.Entry number : predictor.found()) {
        if (number.isFixed()) {
          found.set(at++, new double[] {number.value()}, 0, 0);
        } else {
          double[] tensor = block.tensor(number.input());
          found.set(at++, tensor, number.element(), tensor.length / block.capacity());
        }
      }
    }

    /** The constant and the coefficients of each of a tensor's elements. */
    private void setComputed(RowNumbers found, RowForm.Tensor tensor, List<Integer> parameters) {
      double[] values = affine.column("value_" + tensor.name());
      double[] jacobian = affine.column("jacobian_" + tensor.name());
      int width = problem.length();
      int at = tensor.at();
      for (int e = 0; e < tensor.size(); e++) {
        found.set(at++, values, e, tensor.size());
        for (int parameter : parameters) {
          found.set(at++, jacobian, e * width + parameter, tensor.size() * width);
        }
      }
    }

    @Override
    public void close() {
      if (affine != null) {
        affine.close();
      }
      if (building != null) {
        building.close();
      }
      whole.forEach(arrived -> arrived.rows().close());
    }
  }
}
