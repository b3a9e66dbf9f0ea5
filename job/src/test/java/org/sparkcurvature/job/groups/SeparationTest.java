package org.sparkcurvature.job.groups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a group has an estimate: a linear programme judges (Konis 2007). */
class SeparationTest {
  private static final int P = 5;

  @TempDir Path temporary;

  /** Groups of rows: coefficients of the predictor, and the response. */
  private record Group(double[][] x, double[] y) {}

  private static Group group(String family, int rows, double[] units, Random random) {
    double[][] x = new double[rows][];
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      double rare = random.nextDouble() < 0.15 ? 1 : 0;
      double common = random.nextBoolean() ? 1 : 0;
      x[i] = new double[] {1, random.nextGaussian(), random.nextGaussian(), rare, common};
      double eta = 0.8 * x[i][1] - 0.6 * x[i][2] + 0.5 * rare - 0.3;
      if (family.equals("poisson")) {
        y[i] = random.nextDouble() < 0.7 ? 0 : 1 + random.nextInt(3);
      } else {
        y[i] = random.nextDouble() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
      }
      for (int j = 0; j < P; j++) {
        x[i][j] *= units[j];
      }
    }
    return new Group(x, y);
  }

  private static GroupFit fit(GroupProblem problem, Group group, Path folder) {
    return GroupFit.own(
        problem, FitsAlone.rows(problem, group.x(), group.y(), folder), group.y().length);
  }

  /** What a linear programme says of each group: collinear, separable, or to be estimated. */
  private static String verdicts(String name) throws IOException {
    try (InputStream in = SeparationTest.class.getResourceAsStream("/groups/separation.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .findFirst()
          .orElseThrow()
          .substring(name.length() + 1);
    }
  }

  /** For src/test/references/groups/separation.py, which judges. */
  private static void dump(String name, int number, Group group) throws IOException {
    String folder = System.getProperty("groups.dump", "");
    if (folder.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < group.y().length; i++) {
      text.append(number).append(',').append(group.y()[i]);
      for (double element : group.x()[i]) {
        text.append(',').append(element);
      }
      text.append('\n');
    }
    Files.writeString(
        Path.of(folder, name + ".csv"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @ParameterizedTest
  @CsvSource({
    "binomial, 20, 0",
    "binomial, 10, 0",
    "binomial, 20, 6",
    "poisson, 12, 0",
    "poisson, 12, -6",
  })
  void aLinearProgrammeAgrees(String family, int rows, int power) throws IOException {
    String name = "%s-%d-%d".formatted(family, rows, power);
    String verdicts = verdicts(name);
    GroupProblem problem =
        FitsAlone.problem(
            family.equals("poisson"), List.of("Intercept", "a", "b", "rare", "common"));
    Random random = new Random(rows + 100L * power);
    Map<String, Integer> counts = new HashMap<>();
    double[] units = {1, Math.pow(10, power), Math.pow(10, -power), 1, 1};
    double[] ones = {1, 1, 1, 1, 1};
    try (Evaluator evaluator = new Evaluator(problem);
        Natural natural = new Natural(problem)) {
      List<GroupFit> fits = new ArrayList<>();
      List<Group> groups = new ArrayList<>();
      for (int g = 0; g < 600; g++) {
        long seed = random.nextLong();
        groups.add(group(family, rows, ones, new Random(seed)));
        fits.add(fit(problem, group(family, rows, units, new Random(seed)), temporary));
      }
      List<GroupFit> active = new ArrayList<>(fits);
      active.removeIf(GroupFit::isOver);
      while (!active.isEmpty()) {
        evaluator.evaluate(active);
        active.forEach(fit -> fit.advance(evaluator, natural));
        active.removeIf(GroupFit::isOver);
      }
      for (int g = 0; g < groups.size(); g++) {
        Group group = groups.get(g);
        GroupResult result = fits.get(g).result();
        dump(name, g, group);
        Status expected =
            switch (verdicts.charAt(g)) {
              case 'c' -> Status.COLLINEAR;
              case 's' -> Status.SEPARABLE;
              default -> Status.CONVERGED;
            };
        assertThat(result.status())
            .as("group %d: %s after %d", g, result.message(), result.iterations())
            .isEqualTo(expected);
        counts.merge(expected.toString(), 1, Integer::sum);
        if (expected == Status.SEPARABLE) {
          assertThat(result.message()).contains("falls for ever along");
          assertThat(result.estimate()).isEmpty();
        }
      }
    }
    // Each kind is there, so that each verdict is tried.
    assertThat(counts.values()).as(counts.toString()).hasSize(3).allMatch(count -> count > 3);
  }
}
