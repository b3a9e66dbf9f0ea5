package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.sparkcurvature.job.errors.Errors;

/**
 * Sees to it that passes over an input meet the same rows. The first whole pass leaves a checksum
 * of each partition's samples, those that follow compare theirs: a source may change meanwhile, and
 * a function may be called deterministic and be none. It does not depend on the order of rows
 * within a partition, which shuffles do not keep.
 */
final class RowChecks {
  /** Of a stream, which passes once, and of rows that executors keep. */
  static final Pass UNCHECKED = Unchecked.ONLY;

  private enum Unchecked implements Pass {
    ONLY;

    @Override
    public void ended(int partition, long checksum) {}
  }

  private final CollectionAccumulator<long[]> found = new CollectionAccumulator<>();
  private final Map<Integer, Long> first = new HashMap<>();
  private long[] expected = {};

  RowChecks(SparkContext context) {
    context.register(found);
  }

  /** What tasks of another pass do with their checksums. */
  synchronized Pass pass(int partitions, String input) {
    if (expected.length < partitions) {
      for (long[] one : found.value()) {
        first.put((int) one[0], one[1]);
      }
      if (first.size() == partitions) {
        expected = new long[partitions];
        Arrays.setAll(expected, first::get);
      }
    }
    return expected.length == partitions ? new Comparing(expected, input) : new Telling(found);
  }

  /** Takes the checksum of a partition that was read to its end. */
  @FunctionalInterface
  interface Pass extends Serializable {
    void ended(int partition, long checksum);
  }

  private record Telling(CollectionAccumulator<long[]> found) implements Pass {
    @Override
    public void ended(int partition, long checksum) {
      found.add(new long[] {partition, checksum});
    }
  }

  private record Comparing(long[] expected, String input) implements Pass {
    @Override
    public void ended(int partition, long checksum) {
      if (checksum != expected[partition]) {
        throw Errors.data(
            "the rows of partition %d are others than in the pass before".formatted(partition),
            input,
            "cache the data frame, or write it to a table first; and let nobody change the files"
                + " meanwhile");
      }
    }
  }

  /** Adds up the samples of a partition. */
  static final class Sum {
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final double[][] tensors;
    private final int[] sizes;
    private final SampleBlock block;
    private long sum;

    Sum(SampleFormat format, SampleBlock block) {
      this.block = block;
      int count = format.tensors().size();
      this.tensors = new double[count][];
      this.sizes = new int[count];
      for (int t = 0; t < count; t++) {
        tensors[t] = block.tensor(format.tensors().get(t).name());
        sizes[t] = format.tensors().get(t).size();
      }
    }

    /** Adds samples, but those of weight 0, which some passes leave out, and of invalid rows. */
    void add(int from, int to) {
      double[] weights = block.weights();
      for (int at = from; at < to; at++) {
        if (weights[at] != 0 && !block.isInvalid(at)) {
          long row = Double.doubleToRawLongBits(weights[at]) * FACTOR;
          for (int t = 0; t < tensors.length; t++) {
            row = (row ^ hash(tensors[t], at * sizes[t], sizes[t])) * FACTOR;
          }
          sum += mixed(row);
        }
      }
    }

    /**
     * In four lanes, which a processor computes at once, and without multiplications, which take
     * half as long again.
     */
    private static long hash(double[] values, int from, int count) {
      long a = 1;
      long b = 2;
      long c = 3;
      long d = 4;
      int k = from;
      for (; k + 4 <= from + count; k += 4) {
        a = Long.rotateLeft(a, 7) + Double.doubleToRawLongBits(values[k]);
        b = Long.rotateLeft(b, 7) + Double.doubleToRawLongBits(values[k + 1]);
        c = Long.rotateLeft(c, 7) + Double.doubleToRawLongBits(values[k + 2]);
        d = Long.rotateLeft(d, 7) + Double.doubleToRawLongBits(values[k + 3]);
      }
      for (; k < from + count; k++) {
        a = mixed(a ^ Double.doubleToRawLongBits(values[k]));
      }
      return mixed(a)
          ^ Long.rotateLeft(mixed(b), 16)
          ^ Long.rotateLeft(mixed(c), 32)
          ^ Long.rotateLeft(mixed(d), 48);
    }

    private static long mixed(long bits) {
      long x = (bits ^ (bits >>> 32)) * FACTOR;
      return x ^ (x >>> 29);
    }

    long value() {
      return sum;
    }
  }
}
