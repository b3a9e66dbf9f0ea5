package org.sparkcurvature.backend;

import java.util.Arrays;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.ScatterAdd;

/**
 * Puts the values of each sample where indices say: into a tensor of the sample's own, or adds them
 * to one for all samples. Of the latter only what is added to is touched.
 */
final class ScatterAddKernel implements Kernel {
  /** OutputSink of a result that are written at once. */
  private static final int CHUNK = 1 << 13;

  private final ScatterAdd step;
  private final Memory memory;
  private final Scratch scratch;
  private final Storage values;
  private final Storage[] indices;
  private final OutputSink out;
  private final ScatterAdd.Lookup[] lookups;
  private final int size;
  private final int outSize;
  private final int group;

  /** Whether the values of one sample have different indices. */
  private final boolean several;

  /** The coordinate of each slot, of one sample; -1 while it is not known. */
  private final int[] coordinates;

  /** Where the values of one sample go; -1 for nowhere. */
  private final int[] places;

  ScatterAddKernel(ScatterAdd step, Memory memory, Scratch scratch) {
    this.step = step;
    this.memory = memory;
    this.scratch = scratch;
    this.values = memory.of(step.values());
    this.lookups = step.lookups().toArray(ScatterAdd.Lookup[]::new);
    this.indices = new Storage[lookups.length];
    for (int k = 0; k < lookups.length; k++) {
      indices[k] = memory.of(lookups[k].index());
    }
    this.out = memory.target(step.out());
    this.size = step.values().size();
    this.outSize = step.out().size();
    this.group = Scratch.samples(size);
    this.coordinates = new int[lookups.length];
    this.places = new int[size];
    this.several = step.lookups().stream().anyMatch(lookup -> lookup.elements().length > 0);
    scratch.reserve(0, group * size);
    scratch.reserve(1, Math.min(outSize, CHUNK));
  }

  @Override
  public void run(int rows) {
    boolean sums = !step.out().sampled();
    boolean begins = step.into() == Accumulate.REPLACE;
    if (sums && begins && memory.isAtStart()) {
      zero();
    }
    double[] numbers = scratch.array(0);
    boolean sampled = step.values().sampled();
    for (int first = 0; first < rows; first += group) {
      int samples = Math.min(group, rows - first);
      values.load(sampled ? first * size : 0, sampled ? samples * size : size, numbers, 0);
      for (int s = 0; s < samples; s++) {
        boolean valid = several ? locateEach(first + s) : locate(first + s);
        int from = sampled ? s * size : 0;
        if (sums || !begins) {
          add(numbers, from, sums ? 0 : (first + s) * outSize, valid);
        } else {
          put(numbers, from, (first + s) * outSize, valid);
        }
      }
    }
  }

  private void zero() {
    double[] zeros = scratch.array(1);
    Arrays.fill(zeros, 0, Math.min(outSize, CHUNK), 0);
    for (int at = 0; at < outSize; at += CHUNK) {
      out.store(at, Math.min(CHUNK, outSize - at), zeros, 0);
    }
  }

  /** Says where the values of a sample go; whether its indices are within their extents. */
  private boolean locate(int sample) {
    Arrays.fill(coordinates, -1);
    int row = 0;
    int column = 0;
    boolean wanted = true;
    for (int k = 0; k < lookups.length; k++) {
      ScatterAdd.Lookup lookup = lookups[k];
      double index = indices[k].at(lookup.index().sampled() ? sample : 0);
      if (MoveKernels.isOutside(index, lookup.extent())) {
        return false;
      }
      int coordinate = (int) index - lookup.from();
      int known = coordinates[lookup.slot()];
      wanted &= coordinate >= 0 && coordinate < lookup.length();
      wanted &= known < 0 || known == coordinate;
      coordinates[lookup.slot()] = coordinate;
      row += coordinate * lookup.row();
      column += coordinate * lookup.column();
    }
    if (!wanted) {
      Arrays.fill(places, -1);
    } else if (step.order() == 0) {
      for (int k = 0; k < size; k++) {
        places[k] = column + step.columns()[k];
      }
    } else {
      for (int k = 0; k < size; k++) {
        places[k] = upper(row + step.rows()[k], column + step.columns()[k]);
      }
    }
    return true;
  }

  /** The same where values of a sample have different indices. */
  private boolean locateEach(int sample) {
    for (int k = 0; k < lookups.length; k++) {
      for (int i = 0; i < lookups[k].index().size(); i++) {
        if (MoveKernels.isOutside(index(k, sample, i), lookups[k].extent())) {
          return false;
        }
      }
    }
    for (int value = 0; value < size; value++) {
      places[value] = place(sample, value);
    }
    return true;
  }

  private double index(int lookup, int sample, int element) {
    Buffer buffer = lookups[lookup].index();
    return indices[lookup].at((buffer.sampled() ? sample * buffer.size() : 0) + element);
  }

  /** Where a value goes; -1 for nowhere. */
  private int place(int sample, int value) {
    Arrays.fill(coordinates, -1);
    int row = step.order() == 0 ? 0 : step.rows()[value];
    int column = step.columns()[value];
    for (int k = 0; k < lookups.length; k++) {
      ScatterAdd.Lookup lookup = lookups[k];
      int element = lookup.elements().length == 0 ? 0 : lookup.elements()[value];
      int coordinate = (int) index(k, sample, element) - lookup.from();
      int known = coordinates[lookup.slot()];
      if (coordinate < 0 || coordinate >= lookup.length() || known >= 0 && known != coordinate) {
        return -1;
      }
      coordinates[lookup.slot()] = coordinate;
      row += coordinate * lookup.row();
      column += coordinate * lookup.column();
    }
    return step.order() == 0 ? column : upper(row, column);
  }

  /** Where an element of a matrix lies in its upper triangle, row by row; -1 below the diagonal. */
  private int upper(int row, int column) {
    return row > column ? -1 : (int) (row * (2L * step.order() - row - 1) / 2) + column;
  }

  private void add(double[] numbers, int from, int to, boolean valid) {
    Storage sums = (Storage) out;
    if (!valid) {
      sums.add(to, Double.NaN);
      return;
    }
    for (int k = 0; k < size; k++) {
      if (places[k] >= 0) {
        sums.add(to + places[k], numbers[from + k]);
      }
    }
  }

  /** Writes a sample's tensor, part by part; values that go to one place add up. */
  private void put(double[] numbers, int from, int to, boolean valid) {
    double[] part = scratch.array(1);
    for (int at = 0; at < outSize; at += CHUNK) {
      int count = Math.min(CHUNK, outSize - at);
      Arrays.fill(part, 0, count, valid ? 0 : Double.NaN);
      for (int k = 0; valid && k < size; k++) {
        int place = places[k] - at;
        if (places[k] >= 0 && place >= 0 && place < count) {
          part[place] += numbers[from + k];
        }
      }
      out.store(to + at, count, part, 0);
    }
  }
}
