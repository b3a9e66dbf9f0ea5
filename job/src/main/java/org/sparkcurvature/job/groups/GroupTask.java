package org.sparkcurvature.job.groups;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.TaskContext;
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

  GroupTask(GroupProblem problem, KeyedRows.Part rows, TaskContext context, Path folder) {
    this.problem = problem;
    this.evaluator = new Evaluator(problem);
    this.natural = new Natural(problem);
    this.arrivals = new Arrivals(problem, rows, context, folder);
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
    while (activeRows < (long) BLOCKS * evaluator.blockRows()) {
      Optional<Arrived> next = arrivals.next();
      if (next.isEmpty()) {
        return;
      }
      Arrived arrived = next.get();
      Fitted fitted =
          new Fitted(
              arrived.key(),
              HeldOut.of(problem, arrived.rows()),
              GroupFit.own(problem, arrived.rows(), arrived.rows().weight()));
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
  private record Arrived(InternalRow key, GroupRows rows) {}

  /** Reads all rows, block by block, and then hands out group by group. */
  private static final class Arrivals implements AutoCloseable {
    private static final int BLOCK = 1024;

    private final GroupProblem problem;
    private final RowForm form;
    private final KeyedRows.Part rows;
    private final Path folder;
    private final int most;
    private final Engine affine;
    private final SampleBlock block;
    private final int blockRows;
    private final int[] places;
    private final int[] keys;
    private final double[] clusters;
    private final double[] weights;
    private final RowNumbers numbers;
    private final RowsByGroup groups;
    private final GroupRows.Room room = new GroupRows.Room();
    private GroupRows building;
    private boolean read;

    Arrivals(GroupProblem problem, KeyedRows.Part rows, TaskContext context, Path folder) {
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
      this.places = new int[blockRows];
      this.keys = new int[blockRows];
      this.clusters = new double[blockRows];
      this.weights = new double[blockRows];
      this.numbers = numbers();
      this.groups =
          new RowsByGroup(form.stride(), blockRows, rows.keys(), new TaskMemory(context), folder);
    }

    /** The next group, its rows in order; empty if there is none. */
    Optional<Arrived> next() {
      if (!read) {
        rows.begin(block);
        while (!read) {
          read = !readBlock();
        }
      }
      if (!groups.next()) {
        return Optional.empty();
      }
      building = new GroupRows(form, most, folder, room);
      groups.addTo(building);
      building.arrange();
      Arrived arrived = new Arrived(groups.key(), building);
      building = null;
      return Optional.of(arrived);
    }

    /**
     * Reads a block of rows.
     *
     * @return false if these were the last
     */
    private boolean readBlock() {
      groups.reserve(blockRows);
      int count = 0;
      int filled = 0;
      boolean more = true;
      while (count < blockRows && more) {
        more = rows.next(filled);
        if (more) {
          // Groups without a valid row have a place among the results, too.
          rows.noteKey();
          if (rows.isValid() && rows.weight() != 0) {
            places[filled] = count;
            weights[filled] = rows.weight();
            if (form.clustered()) {
              clusters[filled] = Double.longBitsToDouble(cluster());
            }
            filled++;
          }
          count++;
        }
      }
      if (affine != null && filled > 0) {
        affine.evaluateAny(filled);
      }
      int[] noted = numberedKeys();
      for (int i = 0; i < filled; i++) {
        keys[i] = noted[places[i]];
      }
      groups.add(numbers, keys, filled);
      return more;
    }

    private int[] numberedKeys() {
      int[] noted = rows.keys().numbers();
      if (!problem.settings().nullKeys() && rows.keys().hadNull()) {
        throw Errors.nullKey();
      }
      return noted;
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
      groups.close();
    }
  }
}
