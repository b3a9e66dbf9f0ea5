package org.sparkcurvature.job.source;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.job.LocalSpark;
import scala.collection.immutable.Map;

/** Stands in for the reader of Hudi on the class path of tests: one row, {@code a} = 42. */
public final class FakeHudi implements RelationProvider, DataSourceRegister {
  @Override
  public String shortName() {
    return "hudi";
  }

  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    return new OneRow(context);
  }

  private static final class OneRow extends BaseRelation implements TableScan {
    private final SQLContext context;

    OneRow(SQLContext context) {
      this.context = context;
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return new StructType().add("a", "double");
    }

    @Override
    public RDD<Row> buildScan() {
      return LocalSpark.session()
          .createDataFrame(java.util.List.of(RowFactory.create(42.0)), schema())
          .javaRDD()
          .rdd();
    }
  }
}
