package org.sparkcurvature.job.formula;

import java.util.List;
import java.util.Optional;

/**
 * One factor of a term, such as {@code ln(1 + income)} or {@code C(site)}.
 *
 * @param label what coefficients are called by: the text as it was written, without the options of
 *     {@code C}
 * @param expression a Spark SQL expression of columns
 * @param categories how it is coded where {@code C} says that it is categorical; empty: its type
 *     decides
 */
public record Factor(String label, String expression, Optional<Categories> categories) {

  /** How the columns of a categorical factor are made. */
  public enum Coding {
    /** A coefficient is a level's difference from the reference level. */
    TREATMENT,
    /** A coefficient is a level's difference from the mean of all levels; the last has none. */
    SUM
  }

  /**
   * What {@code C(e, ref => 'b', levels => array('a', 'b'), coding => 'sum')} says.
   *
   * @param reference the level without a coefficient; empty: the first
   * @param levels in their order; none: those of the data, sorted
   */
  public record Categories(Optional<String> reference, List<String> levels, Coding coding) {
    /** As {@code C(e)} alone says. */
    public static final Categories DEFAULT =
        new Categories(Optional.empty(), List.of(), Coding.TREATMENT);

    public Categories {
      levels = List.copyOf(levels);
    }
  }
}
