package org.sparkcurvature.job.groups;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * What a prior is worth in a group: the loss of a fifth of its rows, which both fits have not seen.
 * Which rows these are depends on their values alone.
 */
final class HeldOut {
  private static final int PARTS = 5;
  private static final int FEWEST = 2 * PARTS;

  private final GroupRows seen;
  private final GroupRows unseen;
  private final GroupFit own;
  private Optional<GroupFit> shrunken = Optional.empty();
  private boolean over;

  private HeldOut(GroupRows seen, GroupRows unseen, GroupFit own) {
    this.seen = seen;
    this.unseen = unseen;
    this.own = own;
  }

  /**
   * Losses of rows that were held out, over groups.
   *
   * @param weight exact sum of the rows' weights
   * @param own exact sum of weighted losses, by groups' own estimates
   * @param shrunken the same, by shrunken ones
   */
  record Losses(long groups, long rows, BigDecimal weight, BigDecimal own, BigDecimal shrunken)
      implements Serializable {
    static final Losses NONE = new Losses(0, 0, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

    Losses plus(Losses other) {
      return new Losses(
          groups + other.groups,
          rows + other.rows,
          weight.add(other.weight),
          own.add(other.own),
          shrunken.add(other.shrunken));
    }
  }

  /**
   * Begins, with rows that are in order and as they came.
   *
   * @return empty where there is no prior, or too few rows, or more than memory holds
   */
  static Optional<HeldOut> of(GroupProblem problem, GroupRows rows) {
    if (problem.prior().isEmpty() || rows.isOnDisk() || rows.count() < FEWEST) {
      return Optional.empty();
    }
    // They are in order: every fifth of rows in order is left out.
    GroupRows seen = rows.only(i -> i % PARTS != PARTS - 1);
    GroupRows unseen = rows.only(i -> i % PARTS == PARTS - 1);
    double weight = weights(problem.form(), seen).sum();
    return Optional.of(new HeldOut(seen, unseen, GroupFit.own(problem, seen, weight)));
  }

  private static DoubleStream weights(RowForm form, GroupRows rows) {
    GroupRows.Slice slice = rows.read(0, (int) rows.count());
    int from = slice.column(form.weightAt());
    return Arrays.stream(slice.array(), from, from + (int) rows.count());
  }

  /** The fit that goes on; empty where both are over. */
  Optional<GroupFit> open() {
    if (own.isOver() && shrunken.isEmpty() && !over) {
      shrunken =
          own.result().status() == Status.CONVERGED ? GroupFit.shrunken(own) : Optional.empty();
    }
    GroupFit last = shrunken.orElse(own);
    over |= last.isOver();
    return over ? Optional.empty() : Optional.of(last);
  }

  /** The losses of the rows that were held out, where both fits have estimates. */
  Losses losses(Evaluator evaluator) {
    if (shrunken.isEmpty()
        || shrunken.get().result().status() != Status.CONVERGED
        || unseen.count() == 0) {
      return Losses.NONE;
    }
    BigDecimal weight =
        weights(own.form(), unseen)
            .mapToObj(BigDecimal::new)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    own.space().transform(unseen);
    StartSearch.Probe without = new StartSearch.Probe(own.form(), unseen, own.space(), own.at());
    StartSearch.Probe with =
        new StartSearch.Probe(own.form(), unseen, own.space(), shrunken.get().at());
    evaluator.evaluate(List.of(without, with));
    double first = without.value();
    double second = with.value();
    return Double.isFinite(first) && Double.isFinite(second)
        ? new Losses(1, unseen.count(), weight, new BigDecimal(first), new BigDecimal(second))
        : Losses.NONE;
  }

  void close() {
    seen.close();
    unseen.close();
  }
}
