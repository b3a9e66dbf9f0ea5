package org.sparkcurvature.job.source;

import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.StructField;

/** What Spark ML tells of columns of vectors. */
final class Vectors {
  private Vectors() {}

  /** How many elements the vectors of a column have; -1 if it is none of vectors, or not told. */
  static int size(StructField field) {
    return field.dataType().equals(SQLDataTypes.VectorType())
        ? AttributeGroup.fromStructField(field).size()
        : -1;
  }
}
