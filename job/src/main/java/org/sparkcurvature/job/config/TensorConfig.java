package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.errors.PublicText;

/**
 * Where one input tensor of a sample comes from. Every string is a column's name or a Spark SQL
 * expression. Shapes are those of one sample.
 */
public sealed interface TensorConfig {

  /**
   * One column, {@code y = mdvis} or {@code f = { column = features, shape = [784] }}: a number,
   * which gives a scalar, or an array or vector.
   *
   * @param column the column or expression
   * @param shape the shape that every row's value must have, its elements taken row-major; empty: a
   *     number has shape [] and an array the shape that the first valid row has
   */
  record Single(String column, Optional<Shape> shape) implements TensorConfig {
    public Single {
      requireNonNull(column);
      requireNonNull(shape);
    }
  }

  /**
   * Several columns, {@code x = [lncoins, idp]}, each a number: the elements in row-major order.
   *
   * @param columns the columns or expressions, at least one
   * @param shape [columns.size()], or another shape with as many elements
   */
  record Elements(List<String> columns, Shape shape) implements TensorConfig {
    public Elements {
      columns = List.copyOf(columns);
      requireNonNull(shape);
    }
  }

  /**
   * A categorical column, {@code site = { column = site, levels = [a, b, c] }}: a scalar, the place
   * of the value's text among the levels, from 0.
   *
   * @param column the column or expression; what it gives is compared as text
   * @param levels none twice; none at all: those of the table, which has yet to be looked at
   * @param reference the level that comes first, and whose element of a parameter of these levels
   *     is held where it is
   * @param unseen what becomes of a row whose level is not among them
   */
  record Encoded(String column, List<String> levels, Optional<String> reference, Unseen unseen)
      implements TensorConfig {
    public Encoded {
      requireNonNull(column);
      requireNonNull(unseen);
      List<String> ordered = new ArrayList<>(levels);
      reference.filter(ordered::remove).ifPresent(first -> ordered.add(0, first));
      levels = List.copyOf(ordered);
    }

    /**
     * The shape of a parameter that has an element for each level; empty before levels are known.
     */
    public Optional<Shape> shapeOfLevels() {
      return levels.isEmpty() ? Optional.empty() : Optional.of(Shape.of(levels.size()));
    }
  }

  /** What becomes of a row whose level is not known. */
  enum Unseen {
    /** It is invalid. */
    INVALID,
    /** It counts as one of the reference level, the first. */
    REFERENCE
  }

  /** The columns and expressions that it is made of. */
  default List<String> columns() {
    if (this instanceof Elements elements) {
      return elements.columns();
    }
    return List.of(this instanceof Encoded encoded ? encoded.column() : ((Single) this).column());
  }

  /** The shape as far as the configuration tells it. */
  default Optional<Shape> knownShape() {
    if (this instanceof Elements elements) {
      return Optional.of(elements.shape());
    }
    return this instanceof Single single ? single.shape() : Optional.of(Shape.SCALAR);
  }

  /**
   * The names of the elements, as people may read them, row-major: what follows AS, otherwise the
   * column or expression; empty where only their positions tell them apart.
   */
  default List<String> labels() {
    return this instanceof Elements elements
        ? elements.columns().stream().map(TensorConfig::label).map(PublicText::label).toList()
        : List.of();
  }

  private static String label(String column) {
    return alias(column).orElse(column);
  }

  /** The name behind AS, without its backquotes; empty where there is none. */
  static Optional<String> alias(String column) {
    Matcher alias = ALIAS.matcher(column);
    if (!alias.matches()) {
      return Optional.empty();
    }
    String name = alias.group(1);
    return Optional.of(
        name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name);
  }

  /** What stands before AS; all of it where there is none. */
  static String withoutAlias(String column) {
    Matcher alias = ALIAS.matcher(column);
    return alias.matches()
        ? column.substring(0, alias.start(1)).replaceFirst("(?i)\\s+AS\\s+$", "")
        : column;
  }

  /** {@code ln(1 + income) AS income}, the name in backquotes if it has to be. */
  Pattern ALIAS =
      Pattern.compile(
          ".*\\S\\s+AS\\s+(`(?:[^`]|``)+`|[A-Za-z_]\\w*)\\s*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
}
