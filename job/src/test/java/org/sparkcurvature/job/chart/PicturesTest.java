package org.sparkcurvature.job.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Pictures are read back as XML: their marks must be where their numbers are. */
class PicturesTest {
  private static final Pattern DISC = Pattern.compile("M(-?[\\d.]+) (-?[\\d.]+)a4 4");

  private static Document parsed(Figure figure) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(
            new ByteArrayInputStream(figure.drawing().toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void marksLieWhereTheirNumbersAre() throws Exception {
    List<IntervalPlot.Line> lines =
        List.of(
            new IntervalPlot.Line("a", -1, -2, 0),
            new IntervalPlot.Line("b", 0, -1, 1),
            new IntervalPlot.Line("c<", 2, 1, Double.POSITIVE_INFINITY));
    Document svg =
        parsed(IntervalPlot.of("f", "finding", lines, "label", OptionalDouble.of(0), false));

    List<double[]> discs = new ArrayList<>();
    NodeList paths = svg.getElementsByTagName("path");
    for (int k = 0; k < paths.getLength(); k++) {
      Matcher disc = DISC.matcher(((Element) paths.item(k)).getAttribute("d"));
      if (disc.find()) {
        discs.add(
            new double[] {
              Double.parseDouble(disc.group(1)) + 4, Double.parseDouble(disc.group(2))
            });
      }
    }
    assertThat(discs).hasSize(3);
    double unit = discs.get(1)[0] - discs.get(0)[0];
    assertThat(discs.get(2)[0] - discs.get(1)[0])
        .isCloseTo(2 * unit, org.assertj.core.data.Offset.offset(0.3));
    assertThat(discs.get(1)[1]).isGreaterThan(discs.get(0)[1]);
    // The line that they are compared with is at 0, where b is.
    NodeList rules = svg.getElementsByTagName("line");
    assertThat(
            IntStream.range(0, rules.getLength())
                .mapToObj(k -> (Element) rules.item(k))
                .filter(line -> line.hasAttribute("stroke-dasharray"))
                .mapToDouble(line -> Double.parseDouble(line.getAttribute("x1"))))
        .allMatch(x -> Math.abs(x - discs.get(1)[0]) < 0.2)
        .isNotEmpty();
    assertThat(svg.getDocumentElement().getAttribute("role")).isEqualTo("img");
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("finding");
  }

  /** One path for each shade: a large matrix takes kilobytes, not megabytes. */
  @Test
  void largeMatricesAreSmallPictures() throws Exception {
    Random random = new Random(3);
    List<String> names = IntStream.range(0, 60).mapToObj(k -> "x" + k).toList();
    double[][] values = new double[60][60];
    for (double[] row : values) {
      for (int j = 0; j < row.length; j++) {
        row[j] = 2 * random.nextDouble() - 1;
      }
    }
    Figure figure = MatrixPlot.of("m", "finding", names, (i, j) -> values[i][j]);

    assertThat(figure.drawing().toString().length()).isLessThan(130_000);
    assertThat(parsed(figure).getElementsByTagName("path").getLength()).isLessThanOrEqualTo(20);
    // Sign is told by shape: a square has h and v, a diamond l.
    Figure two = MatrixPlot.of("t", "f", List.of("a", "b"), (i, j) -> i == j ? 1 : -0.5);
    assertThat(two.drawing().toString()).contains("class=\"f1\"").contains("class=\"f2\"");
  }

  @Test
  void blocksAreMeansOfMagnitudesOffTheDiagonal() {
    MatrixPlot.Element blocks =
        MatrixPlot.blocks(4, 2, (i, j) -> i == j ? 1 : i < 2 == j < 2 ? 0.5 : -0.1);

    assertThat(blocks.at(0, 0)).isEqualTo(0.5);
    assertThat(blocks.at(0, 1)).isEqualTo(0.1);
    assertThat(blocks.at(1, 0)).isEqualTo(0.1);
  }

  @Test
  void anyNumbersGiveAPicture() throws Exception {
    for (double[] values :
        List.of(
            new double[] {0, 0},
            new double[] {-1e300, 0, 1e-300, 1e300},
            new double[] {1, Double.NaN})) {
      assertThat(parsed(SignedPlot.of("s", "f", values, "x", "y", List.of("p", "n")))).isNotNull();
      assertThat(
              parsed(
                  LinePlot.of(
                      "l",
                      "f",
                      List.of(
                          new LinePlot.Series("one", values, values, new boolean[values.length])),
                      "x",
                      "y")))
          .isNotNull();
    }
    assertThat(
            parsed(
                Histogram.of(
                    "h", "f", new double[] {0, 1, 2}, new long[] {0, 5_000_000_000L}, "x")))
        .isNotNull();
    assertThat(parsed(BarPlot.of("b", "f", List.of(new BarPlot.Bar("n", 0, "0")), "x")))
        .isNotNull();
  }

  @Test
  void namesOfNeighboursAreBelowOneAnother() throws Exception {
    Document svg =
        parsed(
            CellPlot.of(
                "f",
                "finding",
                List.of(new CellPlot.Cell(1, 1.25, 1, 1.25, 7)),
                List.of(
                    new CellPlot.Named("id 1", 1.1, 1.1),
                    new CellPlot.Named("id 2", 1.101, 1.101),
                    new CellPlot.Named("id 3", 1.102, 1.1)),
                "x",
                "y"));
    NodeList texts = svg.getElementsByTagName("text");
    double[] lines =
        IntStream.range(0, texts.getLength())
            .mapToObj(k -> (Element) texts.item(k))
            .filter(text -> text.getTextContent().startsWith("id "))
            .mapToDouble(text -> Double.parseDouble(text.getAttribute("y")))
            .sorted()
            .toArray();
    assertThat(lines).hasSize(3);
    assertThat(lines[1] - lines[0]).isGreaterThan(12);
    assertThat(lines[2] - lines[1]).isGreaterThan(12);
  }

  @Test
  void longNamesKeepTheirEnds() {
    String one = "a_very_long_name_of_a_column_that_ends_in_1";
    assertThat(Names.within(one, 140, 12)).startsWith("a_very").endsWith("in_1").contains("\u2026");
    assertThat(Names.within("short", 140, 12)).isEqualTo("short");
  }
}
