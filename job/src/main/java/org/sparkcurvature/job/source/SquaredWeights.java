package org.sparkcurvature.job.source;

import org.apache.spark.api.java.JavaRDD;

/**
 * The same samples with their weights squared, as the outer products of weighted gradients take
 * them.
 *
 * @param samples with the weights as they are
 */
public record SquaredWeights(Samples samples) implements Samples {

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    return samples.run((partition, part) -> task.run(partition, new Squared(part)));
  }

  @Override
  public Source source() {
    return samples.source();
  }

  private record Squared(Samples.Partition samples) implements Samples.Partition {
    @Override
    public boolean isEmpty() {
      return samples.isEmpty();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return new Squaring(samples.weighted(block), block.weights());
    }

    @Override
    public SampleBlock block(int count) {
      return samples.block(count);
    }
  }

  private record Squaring(SampleReader reader, double[] weights) implements SampleReader {
    @Override
    public int fill(int from, int to) {
      int count = reader.fill(from, to);
      for (int k = from; k < from + count; k++) {
        weights[k] *= weights[k];
      }
      return count;
    }

    @Override
    public RowTally tally() {
      return reader.tally();
    }
  }
}
