package org.sparkcurvature.job.soak;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.opentest4j.TestAbortedException;
import org.sparkcurvature.job.soak.Trials.Command;
import org.sparkcurvature.job.soak.Trials.Fault;
import org.sparkcurvature.job.soak.Trials.Outcome;
import org.sparkcurvature.job.soak.Trials.Trial;

/** {@code deploy/soak}: trials at random, and a table of what they came to. */
public final class Soak {
  private static final Map<Command, List<String>> SIGNS =
      Map.of(
          Command.DERIVE,
          List.of(
              "opening the input",
              "reading rows",
              "writing per-sample",
              "reading the first rows",
              "writing the result"),
          Command.FIT,
          List.of("opening the input", "minimising", "iteration 1", "iteration 3", "judging"));

  private static final int LONGEST_DELAY = 1500;

  private Soak() {}

  /**
   * Runs trials; ends with 1 if one of them is not as it should be.
   *
   * @param arguments number of trials, seed, a folder that is new or empty
   */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    Random random = new Random(Long.parseLong(arguments[1]));
    Path folder = Files.createDirectories(Path.of(arguments[2]).toAbsolutePath());
    Map<String, Map<Outcome, Integer>> table = new ConcurrentSkipListMap<>();
    int wrong = 0;
    int skipped = 0;
    // Whoever ends it early has the trials so far.
    Thread unfinished = new Thread(() -> print(table));
    Runtime.getRuntime().addShutdownHook(unfinished);
    try (Trials trials = new Trials(folder)) {
      for (int k = 0; k < count; k++) {
        Command command = Command.values()[random.nextInt(Command.values().length)];
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        List<String> signs = SIGNS.get(command);
        Trial trial =
            new Trial(
                command,
                fault,
                signs.get(random.nextInt(signs.size())),
                // Short delays more often: what a sign announces may be over in no time.
                (int) (LONGEST_DELAY * random.nextDouble() * random.nextDouble()));
        try {
          Outcome outcome = trials.run("trial-" + k, trial);
          table
              .computeIfAbsent(command + " " + fault, key -> new TreeMap<>())
              .merge(outcome, 1, Integer::sum);
          System.out.println(k + " " + trial + ": " + outcome);
        } catch (TestAbortedException e) {
          skipped++;
          System.out.println(k + " " + trial + ": not run, " + e.getMessage());
        } catch (AssertionError e) {
          wrong++;
          System.out.println(k + " WRONG " + e.getMessage());
        }
      }
    }
    Runtime.getRuntime().removeShutdownHook(unfinished);
    print(table);
    System.out.printf("%n%d trials, %d wrong, %d not run%n", count, wrong, skipped);
    System.exit(wrong == 0 ? 0 : 1);
  }

  private static void print(Map<String, Map<Outcome, Integer>> table) {
    System.out.println("\n| command and fault | right | right at the next run | undisturbed |");
    System.out.println("| --- | --- | --- | --- |");
    table.forEach(
        (kind, outcomes) ->
            System.out.printf(
                "| %s | %d | %d | %d |%n",
                kind,
                outcomes.getOrDefault(Outcome.RIGHT, 0),
                outcomes.getOrDefault(Outcome.RIGHT_AT_THE_NEXT_RUN, 0),
                outcomes.getOrDefault(Outcome.UNDISTURBED, 0)));
  }
}
