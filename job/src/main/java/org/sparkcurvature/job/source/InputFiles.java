package org.sparkcurvature.job.source;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.catalog.HiveTableRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.PartitioningAwareFileIndex;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.execution.datasources.v2.FileTable;
import scala.jdk.javaapi.CollectionConverters;

/** The files behind a table, whatever views, joins, subqueries and links led to them. */
final class InputFiles {
  private InputFiles() {}

  /**
   * What was listed when {@code table} was analysed; lists nothing itself where that is at hand.
   */
  static InputListing of(Dataset<Row> table) {
    List<String> roots = new ArrayList<>();
    List<InputListing.Entry> files = new ArrayList<>();
    var plan = ((org.apache.spark.sql.classic.Dataset<Row>) table).queryExecution().analyzed();
    for (LogicalPlan leaf : CollectionConverters.asJava(plan.collectWithSubqueries(new Leaves()))) {
      if (leaf instanceof LogicalRelation relation
          && relation.relation() instanceof HadoopFsRelation read) {
        add(read.location(), roots, files);
      } else if (leaf instanceof DataSourceV2Relation relation
          && relation.table() instanceof FileTable read) {
        add(read.fileIndex(), roots, files);
      } else if (leaf instanceof HiveTableRelation relation
          && relation.tableMeta().storage().locationUri().isDefined()) {
        roots.add(relation.tableMeta().storage().locationUri().get().toString());
      }
    }
    return InputListing.of(roots, files);
  }

  /**
   * The folders of the files that Spark reads one by one, without a log that says which of them
   * count.
   */
  static Set<Path> readOneByOne(Dataset<Row> table) {
    Set<Path> folders = new LinkedHashSet<>();
    var plan = ((org.apache.spark.sql.classic.Dataset<Row>) table).queryExecution().analyzed();
    for (LogicalPlan leaf : CollectionConverters.asJava(plan.collectWithSubqueries(new Leaves()))) {
      FileIndex index = null;
      if (leaf instanceof LogicalRelation relation
          && relation.relation() instanceof HadoopFsRelation read) {
        index = read.location();
      } else if (leaf instanceof DataSourceV2Relation relation
          && relation.table() instanceof FileTable read) {
        index = read.fileIndex();
      }
      if (index instanceof PartitioningAwareFileIndex listed) {
        folders.addAll(CollectionConverters.asJava(listed.rootPaths()));
        for (FileStatus file : CollectionConverters.asJava(listed.allFiles())) {
          folders.add(file.getPath().getParent());
        }
      }
    }
    return folders;
  }

  /** Every leaf of a plan. */
  private static final class Leaves
      extends scala.runtime.AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return plan.children().isEmpty();
    }

    @Override
    public <A extends LogicalPlan, B> B applyOrElse(A plan, scala.Function1<A, B> otherwise) {
      @SuppressWarnings("unchecked")
      B leaf = (B) plan;
      return isDefinedAt(plan) ? leaf : otherwise.apply(plan);
    }
  }

  private static void add(FileIndex index, List<String> roots, List<InputListing.Entry> files) {
    CollectionConverters.asJava(index.rootPaths()).forEach(path -> roots.add(path.toString()));
    if (index instanceof PartitioningAwareFileIndex listed) {
      for (FileStatus file : CollectionConverters.asJava(listed.allFiles())) {
        files.add(
            new InputListing.Entry(
                file.getPath().toString(), file.getLen(), file.getModificationTime()));
      }
    } else {
      for (String path : index.inputFiles()) {
        files.add(new InputListing.Entry(path, 0, 0));
      }
    }
  }
}
