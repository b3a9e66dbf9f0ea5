package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Compares the engine with the interpreter on as many random models as one likes: {@code
 * RandomModels [COUNT] [--seed N]}. Prints each model that differs, in its smallest form that does,
 * and ends with 1 where there is any.
 */
public final class RandomModels {
  private RandomModels() {}

  private static final int LEAST_STEPS = 4;
  private static final int MOST_STEPS = 44;

  /** A model with what is wrong about it. */
  record Failure(long seed, int steps, RandomModel model, List<String> faults) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "seed %d, %d steps%n  %s%n%s%n",
          seed,
          steps,
          String.join(System.lineSeparator() + "  ", faults),
          model.toString().indent(4));
    }
  }

  /** Checks the model of a seed; one that differs is made again with as few steps as will do. */
  static Optional<Failure> failure(long seed) {
    int steps = LEAST_STEPS + Math.floorMod(seed * 31, MOST_STEPS - LEAST_STEPS);
    Optional<Failure> found = failure(seed, steps);
    for (int fewer = 1; found.isPresent() && fewer < steps; fewer++) {
      Optional<Failure> smaller = failure(seed, fewer);
      if (smaller.isPresent()) {
        return smaller;
      }
    }
    return found;
  }

  private static Optional<Failure> failure(long seed, int steps) {
    RandomModel model = ModelGenerator.generate(seed, steps);
    List<String> faults = RandomModelCheck.faults(model, seed);
    return faults.isEmpty()
        ? Optional.empty()
        : Optional.of(new Failure(seed, steps, model, faults));
  }

  /** Checks the models of consecutive seeds, on all processors. */
  static List<Failure> failures(long from, long count) {
    AtomicLong done = new AtomicLong();
    List<Failure> failures = new ArrayList<>();
    LongStream.range(from, from + count)
        .parallel()
        .forEach(
            seed -> {
              Optional<Failure> failure = failure(seed);
              synchronized (failures) {
                failure.ifPresent(failures::add);
                failure.ifPresent(System.out::println);
              }
              if (done.incrementAndGet() % 5000 == 0) {
                System.out.println(done + " models, " + failures.size() + " differ");
              }
            });
    return failures;
  }

  public static void main(String[] arguments) {
    long count = 1000;
    long seed = 1;
    for (int k = 0; k < arguments.length; k++) {
      if (arguments[k].equals("--seed") && k + 1 < arguments.length) {
        seed = Long.parseLong(arguments[++k]);
      } else if (arguments[k].matches("[0-9]+")) {
        count = Long.parseLong(arguments[k]);
      } else {
        System.err.println("usage: deploy/random-models [COUNT] [--seed N]");
        System.exit(2);
      }
    }
    List<Failure> failures = failures(seed, count);
    System.out.println(
        count + " random models from seed " + seed + " on, " + failures.size() + " differ");
    System.exit(failures.isEmpty() ? 0 : 1);
  }
}
