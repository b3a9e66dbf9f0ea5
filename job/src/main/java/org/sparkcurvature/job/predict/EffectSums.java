package org.sparkcurvature.job.predict;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.Source;

/**
 * Weighted sums over rows, group by group, of a quantity h, of its derivative by a column, or of
 * that in relative terms, each with its derivatives by the parameters: the mean of h has the
 * gradient that is the mean of h's.
 */
public final class EffectSums {
  private EffectSums() {}

  /** What is summed of h(c, theta), c a column. */
  public enum Quantity {
    /** h. */
    VALUE,
    /** dh/dc. */
    SLOPE,
    /** dh/dc c/h. */
    ELASTICITY
  }

  /**
   * The sums of a group.
   *
   * @param weight sum of weights
   * @param sum of the quantity
   * @param gradient of that sum by the parameters, length P
   */
  public record Group(double weight, double sum, double[] gradient) implements Serializable {
    private Group plus(Group other) {
      double[] added = gradient.clone();
      for (int i = 0; i < added.length; i++) {
        added[i] += other.gradient[i];
      }
      return new Group(weight + other.weight, sum + other.sum, added);
    }
  }

  /**
   * Passes over the rows.
   *
   * @param spec h as the loss; its value and gradient, by the parameters and, for derivatives by a
   *     column, by that column before them, and then the product of the Hessian with one vector
   * @param column the tensor that is the column; empty for {@link Quantity#VALUE}
   * @param tallies is told what became of the rows
   * @param groups how many of the columns that are handed on tell groups, the last ones
   * @return by group, in the order of their texts; null is no text, and comes first
   */
  public static Map<List<String>, Group> of(
      Source source,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      Quantity quantity,
      String column,
      RowTallies tallies,
      int groups) {
    int p = spec.layout().length();
    Broadcast<Map<String, double[]>> sent = source.broadcast(Map.of("first", first(p)));
    List<LinkedHashMap<List<String>, Group>> parts =
        Failures.translate(
            () ->
                Wire.collect(
                    SamplePass.run(
                        source,
                        spec,
                        parameters,
                        device,
                        tallies,
                        partition -> new Adding(quantity, column, groups, p, sent))));
    Map<List<String>, Group> sums =
        new TreeMap<>((a, b) -> Arrays.compare(a.toArray(new String[0]), b.toArray(new String[0])));
    for (LinkedHashMap<List<String>, Group> part : parts) {
      part.forEach((key, group) -> sums.merge(key, group, Group::plus));
    }
    return sums;
  }

  private static double[] first(int p) {
    double[] vector = new double[p];
    vector[0] = 1;
    return vector;
  }

  @SuppressWarnings("NonApiType") // what a task hands on is serialised, which Map does not promise
  private static final class Adding implements SamplePass.Task<LinkedHashMap<List<String>, Group>> {
    private final Quantity quantity;
    private final String column;
    private final int groups;
    private final int p;
    private final Broadcast<Map<String, double[]>> sent;
    private final LinkedHashMap<List<String>, double[]> sums = new LinkedHashMap<>();

    Adding(
        Quantity quantity,
        String column,
        int groups,
        int p,
        Broadcast<Map<String, double[]>> sent) {
      this.quantity = quantity;
      this.column = column;
      this.groups = groups;
      this.p = p;
      this.sent = sent;
    }

    @Override
    public void begin(Engine engine) {
      if (quantity != Quantity.VALUE) {
        engine.setVectors(sent.value().get("first"));
      }
    }

    @Override
    public Iterator<LinkedHashMap<List<String>, Group>> block(
        Engine results, SampleBlock block, int rows) {
      double[] value = results.column("value");
      double[] gradient = results.column("gradient");
      boolean slope = quantity != Quantity.VALUE;
      double[] product = slope ? results.column("product") : gradient;
      double[] columns = quantity == Quantity.ELASTICITY ? results.input(column) : value;
      int parameters = slope ? p - 1 : p;
      for (int row = 0; row < rows; row++) {
        double weight = block.weights()[row];
        double[] sum = sums.computeIfAbsent(key(block, row), key -> new double[2 + parameters]);
        double h = value[row];
        double byColumn = gradient[row * p];
        double c = columns[row];
        sum[0] += weight;
        sum[1] +=
            weight
                * switch (quantity) {
                  case VALUE -> h;
                  case SLOPE -> byColumn;
                  case ELASTICITY -> byColumn * c / h;
                };
        for (int i = 0; i < parameters; i++) {
          int at = row * p + (slope ? 1 : 0) + i;
          sum[2 + i] +=
              weight
                  * switch (quantity) {
                    case VALUE -> gradient[at];
                    case SLOPE -> product[at];
                    case ELASTICITY -> c / h * (product[at] - byColumn / h * gradient[at]);
                  };
        }
      }
      return Collections.emptyIterator();
    }

    private List<String> key(SampleBlock block, int row) {
      if (groups == 0) {
        return List.of();
      }
      Object[] kept = block.kept(row);
      List<String> key = new ArrayList<>(groups);
      for (int k = kept.length - groups; k < kept.length; k++) {
        key.add(kept[k] == null ? null : kept[k].toString());
      }
      return key;
    }

    @Override
    public Iterator<LinkedHashMap<List<String>, Group>> end() {
      LinkedHashMap<List<String>, Group> result = new LinkedHashMap<>();
      sums.forEach(
          (key, sum) ->
              result.put(key, new Group(sum[0], sum[1], Arrays.copyOfRange(sum, 2, sum.length))));
      return List.of(result).iterator();
    }
  }
}
