package org.sparkcurvature.job.derive;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.sparkcurvature.engine.CompensatedSum;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.solve.Tiling;
import scala.Tuple2;

/**
 * What one task has summed of a group of tiles: handed on tile by tile, or complete.
 *
 * @param sums over a run of partitions; none where that is empty
 * @param penalty what is added to the sums of all runs, once they are scaled; by one run only
 */
record GroupSums(
    Request.Curvature kind, Tiling tiling, int group, Optional<Sums> sums, Optional<Sums> penalty) {

  /** In place of the number of a run of partitions. */
  private static final int PENALTY = Integer.MAX_VALUE;

  /**
   * A tile in a group's sums.
   *
   * @param from where it begins
   * @param stride from one of its rows to the next
   */
  private record Cut(Request.Rectangle tile, int from, int stride) {

    CompensatedSum of(Sums sums, Request.Curvature kind) {
      return sums.curvature(kind, from, tile.rows(), tile.columns(), stride);
    }
  }

  private List<Cut> cuts() {
    List<Cut> cuts = new ArrayList<>();
    int start = 0;
    for (Request.Rectangle band : tiling.groups().get(group)) {
      for (Request.Rectangle tile : Tiling.tiles(band)) {
        cuts.add(new Cut(tile, start + tile.column() - band.column(), band.columns()));
      }
      start += Math.toIntExact(band.size());
    }
    return cuts;
  }

  /** The tiles as they are written, where there is one run: each is made when it is asked for. */
  Iterator<InternalRow> rows(double scale) {
    Sums all = sums.orElseThrow();
    return cuts().stream()
        .map(
            cut ->
                row(
                    kind,
                    cut.tile(),
                    cut.of(all, kind).values(),
                    penalty.map(once -> cut.of(once, kind).values()),
                    scale))
        .iterator();
  }

  /** The tiles with their numbers and the run's, to be merged with those of other runs. */
  Iterator<Tuple2<Long, byte[]>> records(int run) {
    List<Cut> cuts = cuts();
    int ofRun = sums.isPresent() ? cuts.size() : 0;
    int all = ofRun + (penalty.isPresent() ? cuts.size() : 0);
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < all;
      }

      @Override
      public Tuple2<Long, byte[]> next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        boolean added = next >= ofRun;
        Cut cut = cuts.get(added ? next - ofRun : next);
        next++;
        long number = tiling.number(cut.tile().row(), cut.tile().column());
        return new Tuple2<>(
            number << Integer.SIZE | (added ? PENALTY : run),
            Wire.bytes(cut.of((added ? penalty : sums).orElseThrow(), kind)));
      }
    };
  }

  /** The number of the tile of a record with this key. */
  static int tile(long key) {
    return (int) (key >> Integer.SIZE);
  }

  /** Adds up the records of each tile, which follow one another, and makes what is written. */
  static Iterator<InternalRow> merged(
      Iterator<Tuple2<Long, byte[]>> records, Request.Curvature kind, Tiling tiling, double scale) {
    return new Iterator<>() {
      private Optional<Tuple2<Long, byte[]>> first = advance();

      private Optional<Tuple2<Long, byte[]>> advance() {
        return records.hasNext() ? Optional.of(records.next()) : Optional.empty();
      }

      @Override
      public boolean hasNext() {
        return first.isPresent();
      }

      @Override
      public InternalRow next() {
        int number = tile(first.orElseThrow()._1());
        Optional<CompensatedSum> sum = Optional.empty();
        Optional<double[]> penalty = Optional.empty();
        for (; first.isPresent() && tile(first.get()._1()) == number; first = advance()) {
          CompensatedSum part = Wire.value(first.get()._2());
          if (first.get()._1().intValue() == PENALTY) {
            penalty = Optional.of(part.values());
          } else if (sum.isPresent()) {
            sum.get().add(part);
          } else {
            sum = Optional.of(part);
          }
        }
        double[] values = sum.map(CompensatedSum::values).orElseThrow(NoSuchElementException::new);
        return row(kind, tiling.tile(number), values, penalty, scale);
      }
    };
  }

  private static InternalRow row(
      Request.Curvature kind,
      Request.Rectangle tile,
      double[] values,
      Optional<double[]> penalty,
      double scale) {
    for (int k = 0; k < values.length; k++) {
      values[k] = scale * values[k] + (penalty.isPresent() ? penalty.get()[k] : 0);
      if (!Double.isFinite(values[k])) {
        throw Errors.notFinite(
            "the matrix %s summed over rows".formatted(TiledPass.name(kind)), List.of());
      }
    }
    if (tile.row() == tile.column()) {
      // Of the two elements that are equal but for rounding, the upper one.
      for (int i = 1; i < tile.rows(); i++) {
        for (int j = 0; j < i; j++) {
          values[i * tile.columns() + j] = values[j * tile.columns() + i];
        }
      }
    }
    return new GenericInternalRow(
        new Object[] {
          tile.row(),
          tile.column(),
          tile.rows(),
          tile.columns(),
          UnsafeArrayData.fromPrimitiveArray(values)
        });
  }
}
