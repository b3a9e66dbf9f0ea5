package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.sparkcurvature.job.chart.Figure;
import org.sparkcurvature.job.chart.MatrixPlot;
import org.sparkcurvature.job.chart.SignedPlot;
import org.sparkcurvature.job.report.Largest;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Symmetric matrices scaled to a unit diagonal, and eigenvalues. */
final class MatrixPictures {
  private static final int PAIRS = 20;

  private MatrixPictures() {}

  /**
   * Adds the picture of a matrix, each element over the roots of its diagonal elements, and its
   * largest pairs; nothing for a matrix of one element.
   *
   * @param called what the scaled elements are: correlations, or elements of the scaled Hessian
   */
  static void add(
      PageContent content, String id, String called, List<String> names, SymmetricMatrix matrix) {
    int n = matrix.order();
    if (n < 2) {
      return;
    }
    double[] roots = new double[n];
    for (int i = 0; i < n; i++) {
      roots[i] = Math.sqrt(Math.abs(matrix.at(i, i)));
    }
    MatrixPlot.Element scaled =
        (i, j) -> {
          double element = matrix.at(i, j);
          return element == 0 ? 0 : element / roots[i] / roots[j];
        };
    Largest largest = new Largest(PAIRS);
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        double value = scaled.at(i, j);
        if (Double.isFinite(value)) {
          largest.offer(i, j, value);
        }
      }
    }
    List<Largest.Element> pairs = largest.descending();
    String most =
        pairs.isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                ": the largest is %.2f, of %s and %s",
                pairs.get(0).value(),
                names.get(pairs.get(0).row()),
                names.get(pairs.get(0).column()));
    PageTable table = new PageTable("The largest " + called, "row", "column", "value");
    pairs.forEach(
        pair ->
            table.row(
                PageTable.Cell.of(names.get(pair.row())),
                PageTable.Cell.of(names.get(pair.column())),
                new PageTable.Cell(
                    String.format(Locale.ROOT, "%.3f", pair.value()), pair.value())));
    content.picture(picture(id, called + most, names, scaled), table);
  }

  private static Figure picture(
      String id, String finding, List<String> names, MatrixPlot.Element scaled) {
    int n = names.size();
    if (n <= MatrixPlot.LARGEST) {
      return MatrixPlot.of(id, Captions.sentence(finding), names, scaled);
    }
    int blocks = MatrixPlot.LARGEST;
    List<String> labels = new ArrayList<>();
    for (int b = 0; b < blocks; b++) {
      labels.add(names.get(MatrixPlot.begin(b, n, blocks)) + " ...");
    }
    MatrixPlot.Element means = MatrixPlot.blocks(n, blocks, scaled);
    double most = 0;
    for (int a = 0; a < blocks; a++) {
      for (int b = a; b < blocks; b++) {
        most = Math.max(most, means.at(a, b));
      }
    }
    double fullest = most > 0 ? most : 1;
    return MatrixPlot.of(
        id,
        String.format(
            Locale.ROOT,
            "%s (mean magnitudes in %d x %d blocks of %,d elements each way; the fullest colour is"
                + " %.2g)",
            Captions.sentence(finding),
            blocks,
            blocks,
            n,
            fullest),
        labels,
        (a, b) -> means.at(a, b) / fullest);
  }

  /**
   * Adds the picture of eigenvalues, ascending.
   *
   * @param all whether these are all
   * @param negative how many are below 0 by more than rounding, where that is known
   */
  static void eigenvalues(PageContent content, double[] values, boolean all, OptionalInt negative) {
    if (values.length < 2) {
      return;
    }
    String finding =
        String.format(
            Locale.ROOT,
            "%s of the Hessian, from %.3g to %.3g%s",
            all ? "All eigenvalues" : "The " + values.length + " extreme eigenvalues",
            values[0],
            values[values.length - 1],
            negative.isPresent() ? ": " + negative.getAsInt() + " negative" : "");
    content.picture(
        SignedPlot.of(
            "eigenvalues",
            finding,
            values,
            "rank",
            "magnitude",
            values[0] < 0 ? List.of("positive", "negative") : List.of("positive")));
  }
}
