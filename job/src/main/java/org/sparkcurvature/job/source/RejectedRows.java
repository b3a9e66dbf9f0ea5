package org.sparkcurvature.job.source;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.sparkcurvature.job.errors.PublicText;

/** Invalid rows with their reason. */
final class RejectedRows implements Iterator<InternalRow> {
  private final SampleScan scan;
  private final StructField[] fields;
  private boolean ready;

  RejectedRows(SampleScan scan, StructField[] fields) {
    this.scan = scan;
    this.fields = fields;
  }

  @Override
  public boolean hasNext() {
    while (!ready && scan.nextRow(0)) {
      ready = !scan.isValid();
    }
    return ready;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ready = false;
    Object[] values = new Object[fields.length + 1];
    for (int k = 0; k < fields.length; k++) {
      values[k] = scan.value(k, fields[k].dataType());
    }
    values[fields.length] = UTF8String.fromString(PublicText.of(scan.why().getMessage()));
    return new GenericInternalRow(values);
  }
}
