package org.sparkcurvature.job.derive;

import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.RowTally;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.SampleReader;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.job.watch.RowWatch;

/**
 * A pass that makes something of the per-sample results of each block, while they are in the
 * engine's arrays: no row of them is ever made.
 */
public final class SamplePass {
  private SamplePass() {}

  /** What becomes of the blocks of one partition. */
  public interface Task<T> {

    /** Takes the engine before the first block: to set vectors, where products are wanted. */
    default void begin(Engine engine) {}

    /**
     * Takes the first {@code rows} samples of a block that has been computed. The next block is
     * computed when what comes of this one has been read to its end.
     *
     * @param results the engine, whose columns hold the results
     * @param block the samples' weights, row numbers and columns that are handed on; invalid rows
     *     among them, which have no results, where the source hands these on
     */
    Iterator<T> block(Engine results, SampleBlock block, int rows);

    /** Takes the end of the partition. */
    default Iterator<T> end() {
      return Collections.emptyIterator();
    }
  }

  /** Begins a partition. */
  @FunctionalInterface
  public interface Begin<T> extends Serializable {
    Task<T> task(int partition);
  }

  /**
   * What tasks make of all valid samples, those of weight 0 included. Nothing runs until the result
   * is asked for; that fails as {@link PerSamplePass#dataset} does.
   *
   * @param samples those of an input, checked for the model; or those kept of it
   * @param spec per-sample results
   * @param parameters every parameter's elements
   * @param device what to compute on
   */
  public static <T> JavaRDD<T> run(
      RowSamples samples,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      Begin<T> begin) {
    return samples.read(
        reading(samples.source(), spec, parameters, device, Optional.empty(), begin));
  }

  /**
   * As the other {@code run}.
   *
   * @param tallies is told what became of the rows of each partition that is read to its end
   */
  public static <T> JavaRDD<T> run(
      RowSamples samples,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      RowTallies tallies,
      Begin<T> begin) {
    return samples.read(
        reading(samples.source(), spec, parameters, device, Optional.of(tallies), begin));
  }

  /**
   * As {@link #run}, where tasks make rows: these as a table, and of a stream as a stream.
   *
   * @param tallies is told what became of the rows of each partition that is read to its end
   * @param watch what sees the rows that are made
   * @param schema of the rows
   */
  public static Dataset<Row> table(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      Optional<RowTallies> tallies,
      Optional<RowWatch> watch,
      Begin<InternalRow> begin,
      StructType schema) {
    RowSamples.Reading<InternalRow> rows =
        reading(source, spec, parameters, device, tallies, begin);
    if (watch.isEmpty()) {
      return source.table(rows, schema);
    }
    RowWatch.Watcher watcher = watch.get().watcher(schema);
    return source.table((partition, samples) -> watcher.over(rows.run(partition, samples)), schema);
  }

  private static <T> RowSamples.Reading<T> reading(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      Optional<RowTallies> tallies,
      Begin<T> begin) {
    Broadcast<Engines> engines = Engines.send(source, spec, parameters);
    boolean fail = source.failsOnInvalidRows();
    RowTallies told = tallies.orElse(null);
    LongAccumulator engineTime = EngineTime.of(source.spark());
    return (partition, part) -> {
      if (part.isEmpty()) {
        return Collections.emptyIterator();
      }
      ComputeDevice.take(device);
      return new Blocks<>(
          part,
          engines.value().open(),
          begin.task(partition),
          fail,
          engineTime,
          tally -> {
            if (told != null) {
              told.add(Map.entry(partition, tally));
            }
          });
    };
  }

  /** One partition, block by block. */
  private static final class Blocks<T> implements Iterator<T> {
    private final RowSamples.Part samples;
    private final Engine engine;
    private final SampleBlock block;
    private final SampleReader reader;
    private final Task<T> task;
    private final boolean fail;
    private final LongAccumulator engineTime;
    private final Consumer<RowTally> told;
    private Iterator<T> made = Collections.emptyIterator();
    private boolean ended;
    private boolean closed;

    Blocks(
        RowSamples.Part samples,
        Engine engine,
        Task<T> task,
        boolean fail,
        LongAccumulator engineTime,
        Consumer<RowTally> told) {
      this.samples = samples;
      this.engine = engine;
      this.task = task;
      this.fail = fail;
      this.engineTime = engineTime;
      this.told = told;
      // Whoever reads may stop before the end.
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
      task.begin(engine);
      this.block = new SampleBlock(engine::input, engine.weights());
      this.reader = samples.all(block);
    }

    private void close() {
      if (!closed) {
        closed = true;
        engine.close();
      }
    }

    @Override
    public boolean hasNext() {
      while (!made.hasNext() && !ended) {
        int rows = reader.fill(0, block.capacity());
        if (fail && reader.tally().rejected() > 0) {
          RowTally tally = reader.tally();
          throw Errors.invalidRows(
              tally.rejections().lines(tally.read()), tally.rejections().wayOut(tally.read()));
        }
        if (rows == 0) {
          ended = true;
          told.accept(reader.tally());
          close();
          made = task.end();
        } else {
          if (block.isAnyValid(rows)) {
            evaluate(rows);
          }
          made = task.block(engine, block, rows);
        }
      }
      return made.hasNext();
    }

    private void evaluate(int rows) {
      long begin = System.nanoTime();
      try {
        engine.evaluate(rows);
        engineTime.add(System.nanoTime() - begin);
      } catch (NonFiniteException e) {
        throw Errors.notFinite(
            e.where(),
            e.rows().stream()
                .map(position -> samples.name(block.number(position), block.kept(position)))
                .map(RowName::toString)
                .toList());
      }
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return made.next();
    }
  }
}
