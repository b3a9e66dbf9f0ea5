package org.sparkcurvature.job.source;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.sparkcurvature.engine.InputReads;
import org.sparkcurvature.job.config.Missing;

/**
 * Reads the rows of one partition, one after the other, into arrays that someone else owns. Belongs
 * to one thread.
 *
 * <p>{@link #next} writes the sample and makes it current; what is current stays so until the next
 * call.
 */
final class SampleScan {

  /** So many rows with text that is no number are counted before the run is ended. */
  private static final int COUNTED = 10_000;

  private final SampleFormat format;
  private final Iterator<InternalRow> rows;
  private final TensorReader[] readers;
  private final int partition;
  private final long quota;
  private final Rejections rejections = new Rejections();

  private long read;
  private long rejected;
  private InternalRow row;
  private double weight;
  private Optional<InvalidValue> why = Optional.empty();

  SampleScan(
      SampleFormat format, int partition, Iterator<InternalRow> rows, TensorReader[] readers) {
    this.format = format;
    this.rows = rows;
    this.readers = readers.clone();
    this.partition = partition;
    this.quota = format.quota(partition);
  }

  /**
   * Goes to the next valid row and writes its tensors as sample {@code position} of the arrays.
   * Invalid rows on the way are counted.
   *
   * @return false if there is no further valid row
   */
  boolean next(int position) {
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
    why = Optional.empty();
    try {
      fill(position);
    } catch (InvalidValue e) {
      why = Optional.of(e);
      rejected++;
      rejections.add(this::name, e);
    }
    return true;
  }

  /** Whether the current row is a valid sample. */
  boolean isValid() {
    return why.isEmpty();
  }

  /** Why the current row, which is invalid, is no sample. */
  InvalidValue why() {
    return why.orElseThrow();
  }

  private void fill(int position) {
    for (SampleFormat.Element corrupt : format.corrupt()) {
      if (!row.isNullAt(corrupt.ordinal())) {
        throw new InvalidValue(
            "the line does not fit its file: "
                + Kind.quoted(row.getUTF8String(corrupt.ordinal()).toString()),
            "the line does not fit its file");
      }
    }
    for (TensorReader reader : readers) {
      reader.read(row, position);
    }
    checkReads(position);
    weight = 1.0;
    for (SampleFormat.Element element : format.weight()) {
      try {
        weight = ((Cell.Scalar) element.cell()).kind().read(row, element.ordinal());
        if (weight < 0) {
          throw new InvalidValue(
              "is " + weight + ", and a weight must not be negative", "is negative");
        }
      } catch (InvalidValue e) {
        throw e.of("the weight (" + element.text() + ")", element.text());
      }
    }
  }

  /**
   * Refuses a missing value and an index that is out of its range, unless the sample does not read
   * them; missing values that are not read become 0.
   */
  private void checkReads(int position) {
    boolean complete = true;
    for (TensorReader reader : readers) {
      complete &= !reader.isOutOfRange();
      complete &= format.missing() == Missing.INVALID || !reader.isMissingAny(position);
    }
    if (complete) {
      return;
    }
    Optional<InputReads.OfSample> reads = reads(position);
    for (TensorReader reader : readers) {
      if (format.missing() == Missing.NAN) {
        reader.fillUnread(row, position, reads.map(r -> r.elements(reader.name())));
      }
      if (reader.isOutOfRange()) {
        reader.refuseOutOfRange(position, reads.map(r -> r.indices(reader.name())));
      }
    }
  }

  /** What the sample reads; empty where it reads all, or what it reads is not known yet. */
  private Optional<InputReads.OfSample> reads(int position) {
    if (format.reads().isEmpty()) {
      return Optional.empty();
    }
    Map<String, double[]> sample = new HashMap<>();
    for (TensorReader reader : readers) {
      sample.put(reader.name(), reader.values(position));
    }
    return Optional.of(format.reads().get(0).of(sample));
  }

  /** The weight of the current sample. */
  double weight() {
    return weight;
  }

  /** The number of the current row. */
  long number() {
    return RowName.number(partition, read - 1);
  }

  /** What messages call the current row. */
  RowName name() {
    return format.name(row, partition, read - 1);
  }

  /** How many rows may still be read. */
  long left() {
    return quota - read;
  }

  /** The number of the next row. */
  long nextNumber() {
    return RowName.number(partition, read);
  }

  /** Counts valid rows that someone else has read. */
  void skip(int count) {
    read += count;
  }

  /** The current row, until the next one. */
  InternalRow row() {
    return row;
  }

  /** {@link SampleFormat#kept} of the current row. */
  Object[] kept() {
    return format.kept(row);
  }

  /** A copy of the current row's internal value at {@code ordinal}; null where it is null. */
  Object value(int ordinal, DataType type) {
    return row.isNullAt(ordinal) ? null : InternalRow.copyValue(row.get(ordinal, type));
  }

  /** Rows met so far, invalid ones included. */
  long read() {
    return read;
  }

  /** Invalid rows met so far. */
  long rejected() {
    return rejected;
  }

  /** Why rows met so far are invalid. */
  Rejections rejections() {
    return rejections;
  }

  /** Whether enough invalid rows were met to say what is wrong with the input. */
  boolean isRefusedAnyway() {
    return rejections.named() >= SampleReader.SHOWN || rejected >= COUNTED;
  }
}
