package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;

/**
 * The same samples, whose weights are changed as soon as a part of a block is filled.
 *
 * @param samples with the weights as they are
 * @param change of the weights
 */
public record ReweightedSamples(Samples samples, Change change) implements Samples {

  /** Changes the weights of a block's samples from one number to before another. */
  @FunctionalInterface
  public interface Change extends Serializable {
    void of(SampleBlock block, int from, int to);
  }

  /**
   * With their weights squared, as the outer products of weighted gradients take them.
   *
   * @param scale what weights are multiplied by before they are squared: a power of two that keeps
   *     the squares in the range of double
   */
  public static ReweightedSamples squared(Samples samples, double scale) {
    return new ReweightedSamples(
        samples,
        (block, from, to) -> {
          double[] weights = block.weights();
          for (int k = from; k < to; k++) {
            double scaled = scale * weights[k];
            weights[k] = scaled * scaled;
          }
        });
  }

  /**
   * Each with the weight 1, and with its own as a scalar tensor, which a loss can read.
   *
   * @param tensor the name of the tensor, one of the loss and none of the samples
   */
  public static ReweightedSamples asTensor(Samples samples, String tensor) {
    return new ReweightedSamples(
        samples,
        (block, from, to) -> {
          System.arraycopy(block.weights(), from, block.tensor(tensor), from, to - from);
          Arrays.fill(block.weights(), from, to, 1);
        });
  }

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    Change sent = change;
    return samples.run((partition, part) -> task.run(partition, new Reweighted(part, sent)));
  }

  @Override
  public Source source() {
    return samples.source();
  }

  private record Reweighted(Samples.Partition samples, Change change) implements Samples.Partition {
    @Override
    public boolean isEmpty() {
      return samples.isEmpty();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return new Reweighting(samples.weighted(block), block, change);
    }

    @Override
    public SampleBlock block(int count) {
      return samples.block(count);
    }
  }

  private record Reweighting(SampleReader reader, SampleBlock block, Change change)
      implements SampleReader {
    @Override
    public int fill(int from, int to) {
      int count = reader.fill(from, to);
      change.of(block, from, from + count);
      return count;
    }

    @Override
    public RowTally tally() {
      return reader.tally();
    }
  }
}
