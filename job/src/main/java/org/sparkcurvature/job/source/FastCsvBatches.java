package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.hadoop.io.Text;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The rows of CSV lines in batches, of which one is overwritten by the next. Plain lines are cut
 * where their separators are; what every other line means, Spark's parser says.
 */
final class FastCsvBatches implements Iterator<ColumnarBatch> {
  private final Iterator<Text> lines;
  private final FastCsvLine plain;
  private final Function<Text, Iterator<InternalRow>> parser;
  private final int[] places;
  private final TextBatch cells;
  private final ColumnarBatch batch;
  private boolean ready;

  /**
   * @param lines of which one may be overwritten by the next
   * @param parser gives the rows of a line, at most one
   * @param places where the columns of those rows belong in {@code cells}
   * @param cells the fields of lines, and behind them the line where it does not fit
   * @param batch the columns of {@code cells} that are read
   */
  FastCsvBatches(
      Iterator<Text> lines,
      FastCsvLine plain,
      Function<Text, Iterator<InternalRow>> parser,
      int[] places,
      TextBatch cells,
      ColumnarBatch batch) {
    this.lines = lines;
    this.plain = plain;
    this.parser = parser;
    this.places = places;
    this.cells = cells;
    this.batch = batch;
  }

  @Override
  public boolean hasNext() {
    if (!ready) {
      cells.clear();
      while (!cells.isFull() && lines.hasNext()) {
        Text line = lines.next();
        if (!cells.isAdded(line, plain)) {
          parser.apply(line).forEachRemaining(row -> cells.add(row, places));
        }
      }
      batch.setNumRows(cells.rows());
      ready = cells.rows() > 0;
    }
    return ready;
  }

  @Override
  public ColumnarBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ready = false;
    return batch;
  }
}
