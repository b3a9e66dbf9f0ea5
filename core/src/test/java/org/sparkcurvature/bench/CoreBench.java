package org.sparkcurvature.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.backend.Backend;

/**
 * How long derivatives take, and the least that they could take on this machine at this time: the
 * matrix products or the copy without which they cannot be had, measured in the same process with
 * the same threads. Of one engine on all threads and an engine on each thread the faster counts.
 */
public final class CoreBench {
  private static final int REPETITIONS = 9;

  /** Of runs that do not count: at least so many, and for so long. */
  private static final int WARM_UPS = 3;

  private static final double WARM_UP_MS = 6000;

  private CoreBench() {}

  /**
   * What to run.
   *
   * @param json whether a line is a JSON object
   * @param sizes whether to show a table over sizes instead of the cases
   * @param only the case to run, if not all
   * @param data where to write inputs and results, if anywhere
   */
  private record Options(boolean json, boolean sizes, Optional<String> only, Optional<Path> data) {
    static Options of(String[] arguments) {
      boolean json = false;
      boolean sizes = false;
      Optional<String> only = Optional.empty();
      Optional<Path> data = Optional.empty();
      for (int k = 0; k < arguments.length; k++) {
        switch (arguments[k]) {
          case "--json" -> json = true;
          case "--sizes" -> sizes = true;
          case "--case" -> only = Optional.of(arguments[++k]);
          case "--data" -> data = Optional.of(Path.of(arguments[++k]));
          default -> throw new IllegalArgumentException("unknown option " + arguments[k]);
        }
      }
      return new Options(json, sizes, only, data);
    }
  }

  /** Runs the cases: {@code [--json] [--sizes] [--case NAME] [--data DIRECTORY]}. */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.ROOT);
    Options options = Options.of(arguments);
    List<Case> cases =
        Case.all().stream().filter(c -> options.only().map(c.name()::equals).orElse(true)).toList();
    if (cases.isEmpty()) {
      System.err.printf(
          "no case %s; there are %s%n",
          options.only().orElse(""), Case.all().stream().map(Case::name).toList());
      System.exit(2);
    }
    // As in every run: the library is loaded with the kernels that are chosen for the processor.
    Backend.here();
    try (Threads threads = Threads.ofEnvironment();
        Limits limits = new Limits(threads)) {
      if (options.sizes()) {
        sizes(threads, limits);
        return;
      }
      if (!options.json()) {
        System.out.printf(
            "%d threads, medians of %d%n%-24s %10s %10s %7s %7s  %-4s %s%n",
            threads.count(),
            REPETITIONS,
            "case",
            "ours ms",
            "limit ms",
            "ratio",
            "target",
            "met",
            "as");
      }
      for (Case c : cases) {
        run(c, options, threads, limits);
      }
    }
  }

  private static void run(Case c, Options options, Threads threads, Limits limits)
      throws IOException {
    Map<String, Case.Tensor> inputs = c.inputs();
    double before = c.limit().applyAsDouble(limits);
    Measured ours = measure(c, inputs, threads);
    // A limit is what can be reached: of two measurements the smaller.
    double limit = Math.min(before, c.limit().applyAsDouble(limits));
    double ratio = ours.ms() / limit;
    boolean met = ratio <= c.target();
    String line =
        options.json()
            ? "{\"case\": \"%s\", \"ours_ms\": %.3f, \"limit_ms\": %.3f, \"ratio\": %.3f, \"target\": %s, \"met\": %b}"
                .formatted(c.name(), ours.ms(), limit, ratio, c.target(), met)
            : "%-24s %10.2f %10.2f %7.2f %7.1f  %-4s %d x %d threads"
                .formatted(
                    c.name(),
                    ours.ms(),
                    limit,
                    ratio,
                    c.target(),
                    met ? "yes" : "no",
                    ours.engines(),
                    threads.count() / ours.engines());
    System.out.println(line);
    if (options.data().isPresent()) {
      write(c, inputs, threads, options.data().get().resolve(c.name()));
    }
  }

  private record Measured(double ms, int engines) {}

  /** The median time with one engine or with an engine a thread, whichever is less. */
  private static Measured measure(Case c, Map<String, Case.Tensor> inputs, Threads threads) {
    Measured best = new Measured(Double.POSITIVE_INFINITY, 0);
    for (int engines : threads.count() > 1 ? new int[] {1, threads.count()} : new int[] {1}) {
      try (Run run = new Run(c, inputs, threads, engines)) {
        double spent = 0;
        for (int k = 0; k < WARM_UPS || spent < WARM_UP_MS; k++) {
          spent += time(run);
        }
        double[] times = new double[REPETITIONS];
        Arrays.setAll(times, k -> time(run));
        Arrays.sort(times);
        double median = times[REPETITIONS / 2];
        best = median < best.ms() ? new Measured(median, engines) : best;
      }
    }
    return best;
  }

  private static double time(Run run) {
    long start = System.nanoTime();
    run.results();
    return (System.nanoTime() - start) / 1e6;
  }

  /** Writes inputs, parameters, vectors and results for others to compute the same. */
  private static void write(
      Case c, Map<String, Case.Tensor> inputs, Threads threads, Path directory) throws IOException {
    Files.createDirectories(directory);
    Map<String, Case.Tensor> tensors = new LinkedHashMap<>(inputs);
    tensors.putAll(c.parameters());
    for (Map.Entry<String, Case.Tensor> e : tensors.entrySet()) {
      Path file = directory.resolve(e.getKey() + ".npy");
      Npy.write(file, e.getValue().extents(), e.getValue().values());
    }
    int products = c.request().global().products();
    if (products > 0) {
      int p = c.parameters().values().stream().mapToInt(t -> t.values().length).sum();
      Npy.write(directory.resolve("vectors.npy"), List.of(products, p), c.vectors(p));
    }
    try (Run run = new Run(c, inputs, threads, 1)) {
      for (Map.Entry<String, double[]> e : run.results().entrySet()) {
        Path file = directory.resolve("result_" + e.getKey() + ".npy");
        Npy.write(file, List.of(e.getValue().length), e.getValue());
      }
    }
  }

  /** Time over limit of the summed logistic Hessian, over numbers of samples and parameters. */
  private static void sizes(Threads threads, Limits limits) {
    int[] samples = {1_000, 10_000, 100_000, 1_000_000};
    int[] parameters = {10, 30, 100, 300, 1_000, 3_000};
    System.out.printf("logistic-hessian, time / limit; %d threads%n%8s", threads.count(), "P \\ M");
    Arrays.stream(samples).forEach(m -> System.out.printf("%12d", m));
    System.out.println();
    for (int p : parameters) {
      List<String> cells = new ArrayList<>();
      for (int m : samples) {
        // Inputs of more than 2 GB, or minutes of matrix products, are left out.
        if ((long) m * p > 1 << 28 || (double) m * p * p > 2e11) {
          cells.add("-");
          continue;
        }
        Case c = Case.logisticHessian(m, p);
        double ours = measure(c, c.inputs(), threads).ms();
        cells.add(String.format("%.2f", ours / c.limit().applyAsDouble(limits)));
      }
      System.out.printf("%8d", p);
      cells.forEach(cell -> System.out.printf("%12s", cell));
      System.out.println();
    }
  }
}
