package org.sparkcurvature.job.reduce;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * What is done with all partitions of an RDD. Spark searches closures of Scala, of which its API
 * for Java makes its own, for what they hold: each time it reads the class files of whoever wrote
 * them, and the driver is busy for milliseconds while executors wait. Functions that are classes
 * are sent as they are.
 */
public final class Partitions {
  private Partitions() {}

  /** What a task makes of a partition. */
  @FunctionalInterface
  public interface Task<T, R> extends Serializable {

    /** Reads the partition with this number. */
    Iterator<R> run(int partition, Iterator<T> elements);
  }

  /** As Spark's {@code mapPartitionsWithIndex}; keys, if there are any, stay where they are. */
  public static <T, R> JavaRDD<R> map(JavaRDD<T> rdd, Task<T, R> task) {
    return rdd.rdd().mapPartitionsWithIndex(new Mapped<>(task), true, anything()).toJavaRDD();
  }

  /** As Spark's {@code collect}: all elements, in the order of the partitions. */
  public static <T> List<T> collect(RDD<T> rdd) {
    List<Object> partitions =
        IntStream.range(0, rdd.getNumPartitions()).mapToObj(k -> (Object) k).toList();
    Object[][] held = new Object[partitions.size()][];
    rdd.sparkContext()
        .runJob(
            rdd,
            new Held<T>(),
            CollectionConverters.asScala(partitions).toSeq(),
            new Kept(held),
            anything());
    List<T> all = new ArrayList<>();
    for (Object[] elements : held) {
      for (Object element : elements) {
        @SuppressWarnings("unchecked") // they were elements of the RDD
        T own = (T) element;
        all.add(own);
      }
    }
    return all;
  }

  @SuppressWarnings("unchecked") // as Spark's API for Java has it
  private static <T> ClassTag<T> anything() {
    return (ClassTag<T>) ClassTag$.MODULE$.AnyRef();
  }

  private static final class Mapped<T, R>
      extends AbstractFunction2<Object, scala.collection.Iterator<T>, scala.collection.Iterator<R>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Task<T, R> task;

    Mapped(Task<T, R> task) {
      this.task = task;
    }

    @Override
    public scala.collection.Iterator<R> apply(
        Object partition, scala.collection.Iterator<T> elements) {
      return CollectionConverters.asScala(
          task.run((Integer) partition, CollectionConverters.asJava(elements)));
    }
  }

  /** The elements of a partition. */
  private static final class Held<T>
      extends AbstractFunction2<TaskContext, scala.collection.Iterator<T>, Object[]>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Object[] apply(TaskContext task, scala.collection.Iterator<T> elements) {
      List<T> all = new ArrayList<>();
      CollectionConverters.asJava(elements).forEachRemaining(all::add);
      return all.toArray();
    }
  }

  /** Puts on the driver what each partition held where the number of the partition says. */
  private static final class Kept extends AbstractFunction2<Object, Object[], BoxedUnit> {
    private final Object[][] held;

    Kept(Object[][] held) {
      this.held = held;
    }

    @Override
    public BoxedUnit apply(Object partition, Object[] elements) {
      held[(Integer) partition] = elements;
      return BoxedUnit.UNIT;
    }
  }
}
