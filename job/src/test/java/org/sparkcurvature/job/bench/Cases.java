package org.sparkcurvature.job.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.sparkcurvature.job.LocalSpark;

/** Runs cases as a command line asks for them: {@code --data DIRECTORY [--json] [--case NAME]}. */
final class Cases {
  private Cases() {}

  /**
   * Prints a line for each figure, when it is there.
   *
   * @param all the cases by name, given the folder of the tables
   */
  static void run(String[] arguments, Function<Path, Map<String, Supplier<List<Figure>>>> all) {
    Locale.setDefault(Locale.ROOT);
    boolean json = false;
    Optional<String> only = Optional.empty();
    Path data = Path.of("target", "bench-data");
    for (int k = 0; k < arguments.length; k++) {
      switch (arguments[k]) {
        case "--json" -> json = true;
        case "--case" -> only = Optional.of(arguments[++k]);
        case "--data" -> data = Path.of(arguments[++k]);
        default -> throw new IllegalArgumentException("unknown option " + arguments[k]);
      }
    }
    Map<String, Supplier<List<Figure>>> cases = all.apply(data.toAbsolutePath());
    if (only.isPresent() && !cases.containsKey(only.get())) {
      System.err.printf("no case %s; there are %s%n", only.get(), cases.keySet());
      System.exit(2);
    }
    if (!json) {
      System.out.println(Figure.heading());
    }
    for (Map.Entry<String, Supplier<List<Figure>>> one : cases.entrySet()) {
      if (only.map(one.getKey()::equals).orElse(true)) {
        for (Figure figure : one.getValue().get()) {
          System.out.println(json ? figure.json() : figure.text());
        }
      }
    }
    LocalSpark.stop();
  }
}
