package org.sparkcurvature.job.source;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.io.Text;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.csv.CSVHeaderChecker;
import org.apache.spark.sql.catalyst.csv.CSVOptions;
import org.apache.spark.sql.catalyst.csv.UnivocityParser;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.HadoopFileLinesReader;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat;
import org.apache.spark.sql.execution.vectorized.ColumnVectorUtils;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.internal.SessionState;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import scala.Function1;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's CSV format for columns of text, with the same rows out of the same partitions, in batches
 * of columns whose values lie in the bytes of the lines: Spark's own reader makes several objects
 * of each field, which takes most of its time. Spark makes an instance by the name of the class.
 * Not a stable interface of Spark.
 */
public final class FastCsvFormat extends CSVFileFormat {

  /** Options with which a line of printable ASCII without quotes is what stands between commas. */
  private static final Set<String> OPTIONS =
      Set.of(
          "header",
          "sep",
          "delimiter",
          "quote",
          "escape",
          "comment",
          "mode",
          "enforceschema",
          "inferschema",
          "pathglobfilter",
          "recursivefilelookup",
          "basepath",
          "modifiedbefore",
          "modifiedafter");

  /** Whether tables with these options are read alike by this and by Spark's own format. */
  static boolean reads(Collection<String> options) {
    return options.stream().map(name -> name.toLowerCase(Locale.ROOT)).allMatch(OPTIONS::contains);
  }

  private static CSVOptions options(
      SparkSession session, scala.collection.immutable.Map<String, String> options) {
    SQLConf conf = state(session).conf();
    return new CSVOptions(
        options,
        conf.csvColumnPruning(),
        conf.sessionLocalTimeZone(),
        conf.columnNameOfCorruptRecord());
  }

  private static SessionState state(SparkSession session) {
    return ((org.apache.spark.sql.classic.SparkSession) session).sessionState();
  }

  /** The same columns; of one file, where they are of text, without a job. */
  @Override
  public Option<StructType> inferSchema(
      SparkSession session,
      scala.collection.immutable.Map<String, String> options,
      Seq<FileStatus> files) {
    CSVOptions csv = options(session, options);
    if (files.length() != 1 || csv.inferSchemaFlag()) {
      return super.inferSchema(session, options, files);
    }
    SessionState state = state(session);
    try {
      return Option.apply(
          CsvHeader.of(
              files.head().getPath(),
              csv,
              state.conf().caseSensitiveAnalysis(),
              state.newHadoopConfWithOptions(options)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean supportBatch(SparkSession session, StructType schema) {
    return !schema.isEmpty()
        && Arrays.stream(schema.fields()).allMatch(field -> field.dataType() instanceof StringType);
  }

  @Override
  public Function1<PartitionedFile, scala.collection.Iterator<InternalRow>>
      buildReaderWithPartitionValues(
          SparkSession session,
          StructType data,
          StructType partition,
          StructType required,
          Seq<Filter> filters,
          scala.collection.immutable.Map<String, String> options,
          Configuration hadoop) {
    CSVOptions csv = options(session, options);
    if (!options.get(FileFormat.OPTION_RETURNING_BATCH()).contains("true")
        || !FastCsvLine.isSeparator(csv.delimiter())) {
      return super.buildReaderWithPartitionValues(
          session, data, partition, required, filters, options, hadoop);
    }
    Broadcast<SerializableConfiguration> sent =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .broadcast(new SerializableConfiguration(hadoop));
    Layout layout = new Layout(data, partition, required, csv);
    return (Function1<PartitionedFile, scala.collection.Iterator<InternalRow>> & Serializable)
        file -> layout.read(file, sent.value().value());
  }

  /**
   * What is read of files.
   *
   * @param data the fields of a line, and perhaps the column of lines that do not fit
   * @param partition the columns that a file's path tells
   * @param required those of {@code data} that are read
   */
  private record Layout(
      StructType data, StructType partition, StructType required, CSVOptions options)
      implements Serializable {

    private boolean isField(StructField field) {
      return !field.name().equals(options.columnNameOfCorruptRecord());
    }

    private StructType fieldsOf(StructType schema) {
      return new StructType(
          Arrays.stream(schema.fields()).filter(this::isField).toArray(StructField[]::new));
    }

    /**
     * The lines of a file; what is returned are batches, as Spark has it where it asks for them.
     */
    @SuppressWarnings("unchecked")
    scala.collection.Iterator<InternalRow> read(PartitionedFile file, Configuration hadoop) {
      StructType fields = fieldsOf(data);
      HadoopFileLinesReader lines =
          new HadoopFileLinesReader(file, options.lineSeparatorInRead(), hadoop);
      TaskContext.get()
          .addTaskCompletionListener((TaskCompletionListener) context -> lines.close());
      header(fields, file, file.start() == 0)
          .checkHeaderColumnNames(
              lines.map(FastCsvFormat::text), parser(fields, new StructType()).tokenizer());
      TextBatch cells = new TextBatch(fields.length() + 1);
      int[] places = places(fields);
      FastCsvBatches rows =
          new FastCsvBatches(
              CollectionConverters.asJava((scala.collection.Iterator<Text>) lines),
              new FastCsvLine(options, fields.length()),
              new Whole(this, fields, header(fields, file, false)),
              places,
              cells,
              batch(cells, places, file.partitionValues()));
      return (scala.collection.Iterator<InternalRow>)
          (scala.collection.Iterator<?>) CollectionConverters.asScala((Iterator<?>) rows);
    }

    /**
     * Spark's parser, which looks for each of {@code read} among all fields: of 100,000 that takes
     * minutes. As columns are not pruned, what it splits a line into does not depend on them.
     */
    private UnivocityParser parser(StructType fields, StructType read) {
      return new UnivocityParser(
          fields, read, options, CollectionConverters.asScala(List.<Filter>of()).toSeq());
    }

    private CSVHeaderChecker header(StructType fields, PartitionedFile file, boolean atStart) {
      return new CSVHeaderChecker(fields, options, "CSV file: " + file.urlEncodedPath(), atStart);
    }

    /** For each column that is read its field; a line that does not fit comes after all fields. */
    private int[] places(StructType fields) {
      return Arrays.stream(required.fields())
          .mapToInt(field -> isField(field) ? fields.fieldIndex(field.name()) : fields.length())
          .toArray();
    }

    private ColumnarBatch batch(TextBatch cells, int[] places, InternalRow partitionValues) {
      ColumnVector[] columns = new ColumnVector[places.length + partition.length()];
      Arrays.setAll(
          columns, k -> k < places.length ? cells.column(places[k]) : constant(k, partitionValues));
      return new ColumnarBatch(columns);
    }

    private ColumnVector constant(int column, InternalRow values) {
      int k = column - required.length();
      ConstantColumnVector constant = new ConstantColumnVector(1, partition.fields()[k].dataType());
      ColumnVectorUtils.populate(constant, values, k);
      return constant;
    }
  }

  /**
   * Reads the lines that are not plain with Spark's parser, which is made for the first of them.
   */
  private static final class Whole implements Function<Text, Iterator<InternalRow>> {
    private final Layout layout;
    private final StructType fields;
    private final CSVHeaderChecker noHeader;
    private UnivocityParser parser;

    Whole(Layout layout, StructType fields, CSVHeaderChecker noHeader) {
      this.layout = layout;
      this.fields = fields;
      this.noHeader = noHeader;
    }

    @Override
    public Iterator<InternalRow> apply(Text line) {
      if (parser == null) {
        parser = layout.parser(fields, layout.fieldsOf(layout.required()));
      }
      return CollectionConverters.asJava(
          UnivocityParser.parseIterator(
              CollectionConverters.asScala(List.of(text(line)).iterator()),
              parser,
              noHeader,
              layout.required()));
    }
  }

  private static String text(Text line) {
    return new String(line.getBytes(), 0, line.getLength(), StandardCharsets.UTF_8);
  }
}
