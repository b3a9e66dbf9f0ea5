package org.sparkcurvature.job.result;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Where the seconds of a run go. Each stage is announced when it begins. */
public final class Stages {

  /** Told what begins. */
  @FunctionalInterface
  public interface Announcement {

    /**
     * Says what begins.
     *
     * @param stage the stage's name
     * @param announcement what is done in it
     */
    void begins(String stage, String announcement);
  }

  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final Announcement announce;
  private final long begin;

  /**
   * @param announce is told what begins
   * @param startedMillis when the run began, milliseconds since 1970
   */
  public Stages(Announcement announce, long startedMillis) {
    this.announce = announce;
    this.begin = System.nanoTime() - (System.currentTimeMillis() - startedMillis) * 1_000_000;
  }

  /** Announces something, does it and adds its time to the stage {@code name}. */
  public <T> T run(String name, String announcement, Supplier<T> work) {
    announce.begins(name, announcement);
    return run(name, work);
  }

  /** As the other {@code run}, for what is not worth a word. */
  public <T> T run(String name, Supplier<T> work) {
    long from = System.nanoTime();
    T result = work.get();
    add(name, (System.nanoTime() - from) * 1e-9);
    return result;
  }

  /** As the other {@code run}, for work without a result. */
  public void run(String name, String announcement, Runnable work) {
    run(
        name,
        announcement,
        () -> {
          work.run();
          return true;
        });
  }

  /** Adds everything since the beginning to the stage {@code name}. */
  public void sinceBegin(String name) {
    add(name, total());
  }

  private void add(String name, double time) {
    seconds.merge(name, time, Double::sum);
  }

  /** Seconds by stage, in the order in which the stages began. */
  public Map<String, Double> seconds() {
    return Collections.unmodifiableMap(seconds);
  }

  /** Seconds since the beginning. */
  public double total() {
    return (System.nanoTime() - begin) * 1e-9;
  }
}
