package org.sparkcurvature.job.source;

import org.apache.spark.api.java.JavaRDD;

/**
 * The same samples with their weights squared, as the outer products of weighted gradients take
 * them.
 *
 * @param samples with the weights as they are
 * @param scale what weights are multiplied by before they are squared: a power of two that keeps
 *     the squares in the range of double
 */
public record SquaredWeights(Samples samples, double scale) implements Samples {

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    double sent = scale;
    return samples.run((partition, part) -> task.run(partition, new Squared(part, sent)));
  }

  @Override
  public Source source() {
    return samples.source();
  }

  private record Squared(Samples.Partition samples, double scale) implements Samples.Partition {
    @Override
    public boolean isEmpty() {
      return samples.isEmpty();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return new Squaring(samples.weighted(block), block.weights(), scale);
    }

    @Override
    public SampleBlock block(int count) {
      return samples.block(count);
    }
  }

  private record Squaring(SampleReader reader, double[] weights, double scale)
      implements SampleReader {
    @Override
    public int fill(int from, int to) {
      int count = reader.fill(from, to);
      for (int k = from; k < from + count; k++) {
        double scaled = scale * weights[k];
        weights[k] = scaled * scaled;
      }
      return count;
    }

    @Override
    public RowTally tally() {
      return reader.tally();
    }
  }
}
