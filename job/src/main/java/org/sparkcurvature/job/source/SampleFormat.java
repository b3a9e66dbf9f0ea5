package org.sparkcurvature.job.source;

import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.TimestampType;
import org.sparkcurvature.engine.InputReads;
import org.sparkcurvature.job.config.Missing;

/**
 * Where the parts of a sample lie in a row that a {@link Source} reads. Travels to the tasks.
 *
 * @param tensors the input tensors
 * @param weight the weight; none: every weight is 1
 * @param corrupt the column that holds a line which does not fit its file; none: there is no such
 *     column
 * @param id the id
 * @param carried the carried columns
 * @param quotas the most rows to take from each partition; empty: all
 * @param reads which elements of its tensors a sample reads; none: all, or it is not known yet
 * @param missing what becomes of a sample without a value
 */
record SampleFormat(
    List<Tensor> tensors,
    List<Element> weight,
    List<Element> corrupt,
    List<CachedBlocks> id,
    List<CachedBlocks> carried,
    List<Long> quotas,
    List<InputReads> reads,
    Missing missing)
    implements Serializable {

  /** No bound on a tensor's values. */
  static final int UNBOUNDED = -1;

  /**
   * A column of the row.
   *
   * @param ordinal its place in the row
   * @param text column or expression as the user wrote it
   * @param cell how it is read
   */
  record Element(int ordinal, String text, Cell cell) implements Serializable {
    Element in(int[] places) {
      return new Element(places[ordinal], text, cell);
    }
  }

  /** A column of the row that is handed on as it is. */
  record CachedBlocks(int ordinal, String name, DataType type, boolean nullable)
      implements Serializable {
    CachedBlocks in(int[] places) {
      return new CachedBlocks(places[ordinal], name, type, nullable);
    }

    /** A copy of the row's internal value; null where it is null. */
    Object copy(InternalRow row) {
      return row.isNullAt(ordinal) ? null : InternalRow.copyValue(row.get(ordinal, type));
    }

    /** An internal value, as a message shows it. */
    String text(Object value) {
      if (value == null) {
        return "null";
      } else if (type instanceof DateType) {
        return LocalDate.ofEpochDay((Integer) value).toString();
      } else if (type instanceof TimestampType) {
        return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS).toString();
      }
      return value.toString();
    }
  }

  /**
   * An input tensor.
   *
   * @param extents its shape
   * @param elements one column for all of it, or one for each element
   * @param bound what its values must be below, as integers from 0; {@link #UNBOUNDED}
   */
  record Tensor(String name, List<Integer> extents, List<Element> elements, int bound)
      implements Serializable {
    int size() {
      return extents.stream().reduce(1, Math::multiplyExact);
    }

    /** The shape of the value in {@code row}, by looking at it. */
    List<Integer> shapeIn(InternalRow row) {
      Element element = elements.get(0);
      try {
        return element.cell().shape(row, element.ordinal());
      } catch (InvalidValue e) {
        throw e.of(called(0), element.text());
      }
    }

    /** What messages call the value of column {@code k}. */
    String called(int k) {
      String element = isList() ? name + "[" + k + "]" : name;
      return element.equals(elements.get(k).text())
          ? element
          : element + " (" + elements.get(k).text() + ")";
    }

    /** Whether the value of column {@code k} is that of an expression, not a column's own. */
    boolean isComputed(int k) {
      String text = elements.get(k).text();
      return text.contains("(") || text.contains("/");
    }

    /** Whether the columns are numbers, one for each element. */
    boolean isList() {
      return elements.size() > 1
          || !extents.isEmpty() && elements.get(0).cell() instanceof Cell.Scalar;
    }
  }

  SampleFormat {
    tensors = List.copyOf(tensors);
    weight = List.copyOf(weight);
    corrupt = List.copyOf(corrupt);
    id = List.copyOf(id);
    carried = List.copyOf(carried);
    quotas = List.copyOf(quotas);
    reads = List.copyOf(reads);
  }

  SampleFormat(
      List<Tensor> tensors,
      List<Element> weight,
      List<Element> corrupt,
      List<CachedBlocks> id,
      List<CachedBlocks> carried,
      List<Long> quotas,
      Missing missing) {
    this(tensors, weight, corrupt, id, carried, quotas, List.of(), missing);
  }

  /** The same for rows that have column k at {@code places[k]}. */
  SampleFormat in(int[] places) {
    return new SampleFormat(
        tensors.stream()
            .map(
                t ->
                    new Tensor(
                        t.name(),
                        t.extents(),
                        t.elements().stream().map(element -> element.in(places)).toList(),
                        t.bound()))
            .toList(),
        weight.stream().map(element -> element.in(places)).toList(),
        corrupt.stream().map(element -> element.in(places)).toList(),
        id.stream().map(kept -> kept.in(places)).toList(),
        carried.stream().map(kept -> kept.in(places)).toList(),
        quotas,
        reads,
        missing);
  }

  SampleFormat withTensors(List<Tensor> changed) {
    return new SampleFormat(changed, weight, corrupt, id, carried, quotas, reads, missing);
  }

  SampleFormat withQuotas(List<Long> changed) {
    return new SampleFormat(tensors, weight, corrupt, id, carried, changed, reads, missing);
  }

  /**
   * With samples valid that have no value, or an index out of range, only where they read it not.
   */
  SampleFormat withReads(InputReads changed) {
    return new SampleFormat(
        tensors,
        weight,
        corrupt,
        id,
        carried,
        quotas,
        changed.hasBranches() || missing == Missing.NAN ? List.of(changed) : List.of(),
        missing);
  }

  /** With other shapes: {@code extents} of the tensors {@code names}, in that order. */
  SampleFormat withExtents(List<String> names, List<List<Integer>> extents) {
    return withTensors(
        tensors.stream()
            .map(
                t ->
                    names.contains(t.name())
                        ? new Tensor(
                            t.name(), extents.get(names.indexOf(t.name())), t.elements(), t.bound())
                        : t)
            .toList());
  }

  /** This, with the shapes and bounds of the tensors of {@code other}. */
  SampleFormat shapedAs(SampleFormat other) {
    List<Tensor> shaped = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      Tensor like = other.tensors.get(t);
      shaped.add(new Tensor(like.name(), like.extents(), tensors.get(t).elements(), like.bound()));
    }
    return new SampleFormat(shaped, weight, corrupt, id, carried, quotas, other.reads, missing);
  }

  /** What messages call a row. */
  RowName name(InternalRow row, int partition, long position) {
    return new RowName(
        RowName.number(partition, position),
        id.isEmpty() ? "" : id.get(0).text(id.get(0).copy(row)));
  }

  /** What messages call the row of this number, with the values that {@link #kept} gave. */
  RowName name(long number, Object[] kept) {
    return new RowName(number, id.isEmpty() ? "" : id.get(0).text(kept[0]));
  }

  /** The most rows to take from a partition. */
  long quota(int partition) {
    return quotas.isEmpty()
        ? Long.MAX_VALUE
        : partition < quotas.size() ? quotas.get(partition) : 0;
  }

  /**
   * The columns of {@code row} that are handed on, id first where there is one: internal values,
   * copied.
   */
  Object[] kept(InternalRow row) {
    Object[] values = new Object[id.size() + carried.size()];
    int k = 0;
    for (CachedBlocks column : id) {
      values[k++] = column.copy(row);
    }
    for (CachedBlocks column : carried) {
      values[k++] = column.copy(row);
    }
    return values;
  }

  /**
   * Starts reading a partition.
   *
   * @param targets the array of each tensor, by name
   */
  SampleScan scan(int partition, Iterator<InternalRow> rows, Function<String, double[]> targets) {
    return new SampleScan(
        this,
        partition,
        rows,
        tensors.stream()
            .map(tensor -> new TensorReader(tensor, targets.apply(tensor.name()), missing))
            .toArray(TensorReader[]::new));
  }

  /** As {@link #scan}, for someone who only wants to know which rows are valid. */
  SampleScan check(int partition, Iterator<InternalRow> rows) {
    Map<String, double[]> arrays = arrays(1);
    return scan(partition, rows, arrays::get);
  }

  /** Room for so many samples. */
  SampleBlock block(int samples) {
    return new SampleBlock(arrays(samples)::get, new double[samples]);
  }

  /** Arrays for so many samples, by name of the tensor. */
  private Map<String, double[]> arrays(int samples) {
    Map<String, double[]> arrays = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      arrays.put(tensor.name(), new double[Math.multiplyExact(samples, tensor.size())]);
    }
    return arrays;
  }

  /** The names of the tensors. */
  List<String> names() {
    return tensors.stream().map(Tensor::name).toList();
  }

  /** How many numbers a sample's tensors have. */
  long size() {
    return tensors.stream().mapToLong(Tensor::size).sum();
  }
}
