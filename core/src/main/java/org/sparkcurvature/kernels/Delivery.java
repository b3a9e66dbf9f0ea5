package org.sparkcurvature.kernels;

/** A result that goes straight into an array of whoever asked for it. */
final class Delivery implements Numbers {
  private final int size;
  private double[] array = new double[0];
  private int first;
  private int stride;

  /** Where the strip of samples begins that is being computed. */
  private int strip;

  /**
   * @param size elements of one sample
   */
  Delivery(int size) {
    this.size = size;
  }

  /** From now on sample m of a block goes to {@code array} from {@code first + m * stride} on. */
  void to(double[] array, int first, int stride) {
    this.array = array;
    this.first = first;
    this.stride = stride;
  }

  /** From now on samples are counted from this one of the block on. */
  void moveTo(int sample) {
    strip = sample;
  }

  /** The array that is written to. */
  double[] array() {
    return array;
  }

  /** Where the tensor of a sample begins in it. */
  int position(int sample) {
    return first + (strip + sample) * stride;
  }

  @Override
  public double at(int index) {
    return array[position(index / size) + index % size];
  }

  @Override
  public void store(int from, int length, double[] values, int at) {
    int sample = from / size;
    int within = from % size;
    for (int done = 0; done < length; sample++) {
      int run = Math.min(size - within, length - done);
      System.arraycopy(values, at + done, array, position(sample) + within, run);
      done += run;
      within = 0;
    }
  }
}
