package org.sparkcurvature.backend;

/** A result that goes straight into an array of whoever asked for it. */
final class DirectOutput implements OutputSink {
  /** Well below the largest number: bounds are rounded. */
  private static final double LARGE = 1e300;

  private final int size;
  private boolean finite;
  private double[] array = new double[0];
  private int first;
  private int stride;

  /** Where the strip of samples begins that is being computed. */
  private int strip;

  /**
   * @param size elements of one sample
   */
  DirectOutput(int size) {
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

  /** Says that a block begins: nothing has been written. */
  void begin() {
    finite = true;
  }

  /** Says that no number just written is larger than this; what is not a number bounds nothing. */
  void bounded(double bound) {
    finite &= bound < LARGE;
  }

  /**
   * Whether all that was written is known to be finite. It was judged by bounds while factors were
   * at hand: where this is false, it may be all the same.
   */
  boolean isFinite() {
    return finite;
  }

  /** The sum of the magnitudes of {@code length} numbers from {@code from} on: none is larger. */
  static double magnitude(double[] x, int from, int length) {
    // An addition waits for the one before of the same sum: eight sums keep the processor busy.
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    double e = 0;
    double f = 0;
    double g = 0;
    double h = 0;
    int end = from + length;
    int k = from;
    for (; k + 8 <= end; k += 8) {
      a += Math.abs(x[k]);
      b += Math.abs(x[k + 1]);
      c += Math.abs(x[k + 2]);
      d += Math.abs(x[k + 3]);
      e += Math.abs(x[k + 4]);
      f += Math.abs(x[k + 5]);
      g += Math.abs(x[k + 6]);
      h += Math.abs(x[k + 7]);
    }
    for (; k < end; k++) {
      a += Math.abs(x[k]);
    }
    return ((a + b) + (c + d)) + ((e + f) + (g + h));
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
    bounded(magnitude(values, at, length));
    int sample = from / size;
    int within = from % size;
    if (stride == size) {
      System.arraycopy(values, at, array, position(sample) + within, length);
      return;
    }
    for (int done = 0; done < length; sample++) {
      int run = Math.min(size - within, length - done);
      System.arraycopy(values, at + done, array, position(sample) + within, run);
      done += run;
      within = 0;
    }
  }
}
