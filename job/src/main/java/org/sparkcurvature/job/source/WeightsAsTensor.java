package org.sparkcurvature.job.source;

import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;

/**
 * The same samples, each with the weight 1, and with their weights as a scalar tensor, which a loss
 * can read.
 *
 * @param samples with the weights as they are
 * @param tensor the name of the tensor, one of the loss and none of the samples
 */
public record WeightsAsTensor(Samples samples, String tensor) implements Samples {

  @Override
  public <T> JavaRDD<T> run(Samples.Task<T> task) {
    String sent = tensor;
    return samples.run((partition, part) -> task.run(partition, new Moved(part, sent)));
  }

  @Override
  public Source source() {
    return samples.source();
  }

  private record Moved(Samples.Partition samples, String tensor) implements Samples.Partition {
    @Override
    public boolean isEmpty() {
      return samples.isEmpty();
    }

    @Override
    public SampleReader weighted(SampleBlock block) {
      return new Moving(samples.weighted(block), block.weights(), block.tensor(tensor));
    }

    @Override
    public SampleBlock block(int count) {
      return samples.block(count);
    }
  }

  private record Moving(SampleReader reader, double[] weights, double[] values)
      implements SampleReader {
    @Override
    public int fill(int from, int to) {
      int count = reader.fill(from, to);
      System.arraycopy(weights, from, values, from, count);
      Arrays.fill(weights, from, from + count, 1);
      return count;
    }

    @Override
    public RowTally tally() {
      return reader.tally();
    }
  }
}
