package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;

/**
 * Reads the rows of one partition, one valid sample after the other, into arrays that someone else
 * owns. Belongs to one thread.
 *
 * <p>{@link #next} writes the sample and makes it current; what is current stays so until the next
 * call.
 */
public final class SampleScan {

  /** The most rejections that are kept to be shown. */
  public static final int SHOWN = 10;

  private final SampleFormat format;
  private final Iterator<InternalRow> rows;
  private final Reader[] readers;
  private final int partition;
  private final long quota;
  private final List<Rejection> rejections = new ArrayList<>();

  private long read;
  private long rejected;
  private InternalRow row;
  private double weight;
  private String reason = "";

  SampleScan(
      SampleFormat format, int partition, Iterator<InternalRow> rows, List<double[]> targets) {
    this.format = format;
    this.rows = rows;
    this.readers = new Reader[format.tensors().size()];
    for (int t = 0; t < readers.length; t++) {
      readers[t] = new Reader(format.tensors().get(t), targets.get(t));
    }
    this.partition = partition;
    this.quota = format.quota(partition);
  }

  /**
   * Goes to the next valid row and writes its tensors as sample {@code position} of the arrays.
   * Invalid rows on the way are counted.
   *
   * @return false if there is no further valid row
   */
  public boolean next(int position) {
    while (nextRow(position)) {
      if (isValid()) {
        return true;
      }
    }
    return false;
  }

  /** Goes to the next row, valid or not. */
  boolean nextRow(int position) {
    if (read >= quota || !rows.hasNext()) {
      return false;
    }
    row = rows.next();
    read++;
    reason = "";
    try {
      fill(position);
    } catch (InvalidValue e) {
      reason = e.getMessage();
      rejected++;
      if (rejections.size() < SHOWN) {
        rejections.add(new Rejection(name(), reason));
      }
    }
    return true;
  }

  /** Whether the current row is a valid sample. */
  boolean isValid() {
    return reason.isEmpty();
  }

  /** Why the current row is no valid sample. */
  String reason() {
    return reason;
  }

  private void fill(int position) {
    for (SampleFormat.Element corrupt : format.corrupt()) {
      if (!row.isNullAt(corrupt.ordinal())) {
        throw new InvalidValue(
            "the line does not fit its file: "
                + Kind.quoted(row.getUTF8String(corrupt.ordinal()).toString()));
      }
    }
    for (Reader reader : readers) {
      reader.read(row, position);
    }
    weight = 1.0;
    for (SampleFormat.Element element : format.weight()) {
      try {
        weight = ((Cell.Scalar) element.cell()).kind().read(row, element.ordinal());
        if (weight < 0) {
          throw new InvalidValue("is " + weight + ", and a weight must not be negative");
        }
      } catch (InvalidValue e) {
        throw new InvalidValue("the weight (" + element.text() + ") " + e.getMessage());
      }
    }
  }

  /** The weight of the current sample. */
  public double weight() {
    return weight;
  }

  /** The number of the current row. */
  public long number() {
    return RowName.number(partition, read - 1);
  }

  /** What messages call the current row. */
  public RowName name() {
    return format.name(row, partition, read - 1);
  }

  /**
   * The columns of the current row that are handed on, id first where there is one: internal
   * values, copied.
   */
  public Object[] kept() {
    Object[] values = new Object[format.id().size() + format.carried().size()];
    int k = 0;
    for (List<SampleFormat.Kept> columns : List.of(format.id(), format.carried())) {
      for (SampleFormat.Kept column : columns) {
        values[k++] = value(column.ordinal(), column.type());
      }
    }
    return values;
  }

  /** A copy of the current row's internal value at {@code ordinal}; null where it is null. */
  Object value(int ordinal, DataType type) {
    return row.isNullAt(ordinal) ? null : InternalRow.copyValue(row.get(ordinal, type));
  }

  /** Rows met so far, invalid ones included. */
  public long read() {
    return read;
  }

  /** Invalid rows met so far. */
  public long rejected() {
    return rejected;
  }

  /** The first invalid rows met, at most {@link #SHOWN}. */
  public List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  /** Writes one tensor of a row. */
  private static final class Reader {
    private final SampleFormat.Tensor tensor;
    private final int[] extents;
    private final int size;
    private final int bound;
    private final SampleFormat.Element[] elements;
    private final double[] target;

    Reader(SampleFormat.Tensor tensor, double[] target) {
      this.tensor = tensor;
      this.extents = tensor.extents().stream().mapToInt(Integer::intValue).toArray();
      this.size = tensor.size();
      this.bound = tensor.bound();
      this.elements = tensor.elements().toArray(SampleFormat.Element[]::new);
      this.target = target;
    }

    void read(InternalRow row, int position) {
      int start = position * size;
      for (int k = 0; k < elements.length; k++) {
        SampleFormat.Element element = elements[k];
        try {
          element.cell().read(row, element.ordinal(), extents, size, target, start + k);
        } catch (InvalidValue e) {
          throw invalid(k, e.getMessage());
        }
      }
      if (bound != SampleFormat.UNBOUNDED) {
        for (int i = 0; i < size; i++) {
          double value = target[start + i];
          if (value != Math.rint(value) || value < 0 || value >= bound) {
            String what =
                "is " + text(value) + ", and an index here is an integer from 0 to " + (bound - 1);
            throw elements.length == 1 && size > 1
                ? invalid(0, "at element " + i + " " + what)
                : invalid(i, what);
          }
        }
      }
    }

    private InvalidValue invalid(int k, String what) {
      return new InvalidValue(tensor.called(k) + " " + what);
    }

    private static String text(double value) {
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? Long.toString((long) value)
          : Double.toString(value);
    }
  }
}
