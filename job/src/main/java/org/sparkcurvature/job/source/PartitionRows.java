package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The rows of one partition as a plan gives them: one by one, or in batches of columns. A row, and
 * a batch, is overwritten by the next one. Belongs to one thread.
 */
abstract class PartitionRows implements Iterator<InternalRow> {

  /** How many of the next rows lie in one batch of columns; 0 where rows come one by one. */
  abstract int inBatch();

  /** The batch that the next rows lie in. */
  abstract ColumnarBatch batch();

  /** The place of the next row in its batch. */
  abstract int position();

  /** Passes over so many rows of the batch. */
  abstract void skip(int count);

  /** Rows that come one by one. */
  static PartitionRows of(Iterator<InternalRow> rows) {
    return new OneByOne(rows);
  }

  /** Rows in batches. */
  static PartitionRows ofBatches(Iterator<ColumnarBatch> batches) {
    return new Batches(batches);
  }

  private static final class OneByOne extends PartitionRows {
    private final Iterator<InternalRow> rows;

    OneByOne(Iterator<InternalRow> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public InternalRow next() {
      return rows.next();
    }

    @Override
    int inBatch() {
      return 0;
    }

    @Override
    ColumnarBatch batch() {
      throw new IllegalStateException("there are no batches");
    }

    @Override
    int position() {
      throw new IllegalStateException("there are no batches");
    }

    @Override
    void skip(int count) {
      throw new IllegalStateException("there are no batches");
    }
  }

  private static final class Batches extends PartitionRows {
    private final Iterator<ColumnarBatch> batches;
    private ColumnarBatch batch = new ColumnarBatch(new ColumnVector[0], 0);
    private int next;

    Batches(Iterator<ColumnarBatch> batches) {
      this.batches = batches;
    }

    @Override
    public boolean hasNext() {
      while (next == batch.numRows() && batches.hasNext()) {
        batch = batches.next();
        next = 0;
      }
      return next < batch.numRows();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return batch.getRow(next++);
    }

    @Override
    int inBatch() {
      return hasNext() ? batch.numRows() - next : 0;
    }

    @Override
    ColumnarBatch batch() {
      return batch;
    }

    @Override
    int position() {
      return next;
    }

    @Override
    void skip(int count) {
      next += count;
    }
  }
}
