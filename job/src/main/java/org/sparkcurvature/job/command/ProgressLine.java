package org.sparkcurvature.job.command;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.sparkcurvature.job.errors.PublicText;

/**
 * How far a run is: one line that is written over on a terminal, a line each half minute elsewhere.
 * Time left is told where a stage reads the rows once, after 5 s and a tenth of its tasks.
 */
final class ProgressLine {
  /** Who reads it. */
  enum Mode {
    /** A person, before whom a line is written over. */
    TERMINAL(500),
    /** A log, which is not to fill with it. */
    LOG(30_000),
    /** A log of every stage, for those who look for a fault. */
    EVERY_STAGE(30_000),
    /** Nobody. */
    NONE(Long.MAX_VALUE / 1_000_000);

    private final long interval;

    Mode(long millis) {
      this.interval = TimeUnit.MILLISECONDS.toNanos(millis);
    }
  }

  private static final String CLEAR = "\r\u001B[K";
  private static final long FIRST_AFTER = TimeUnit.MILLISECONDS.toNanos(700);
  private static final double LEFT_AFTER_SECONDS = 5;
  private static final double LEFT_AFTER_SHARE = 0.1;

  /** The weight of what the last tasks say of the time that all will take. */
  private static final double NEW = 0.4;

  /** What is left does not rise by more than this from one line to the next. */
  private static final double MOST_RISE = 1.4;

  private final PrintStream out;
  private final Mode mode;
  private final int width;
  private final LongSupplier clock;
  private String stage = "";
  private String note = "";
  private boolean once;
  private long begin;
  private long last;
  private long rows;
  private int done;
  private int tasks;
  private double whole;
  private double left = Double.NaN;
  private boolean shown;
  private Thread ticker;

  /**
   * @param width of the terminal: a longer line would not be written over
   */
  ProgressLine(PrintStream out, Mode mode, int width) {
    this(out, mode, width, System::nanoTime);
  }

  /**
   * @param clock nanoseconds, for tests
   */
  ProgressLine(PrintStream out, Mode mode, int width, LongSupplier clock) {
    this.width = width;
    this.out = out;
    this.mode = mode;
    this.clock = clock;
    this.last = clock.getAsLong();
  }

  /**
   * Something begins.
   *
   * @param announcement what is done in it
   * @param passesOnce whether rows are read once, so that tasks tell the time left
   */
  synchronized void stage(String announcement, boolean passesOnce) {
    begin(announcement);
    once = passesOnce;
    if (mode == Mode.EVERY_STAGE) {
      out.println(PublicText.of("spark-curvature: " + announcement));
    }
  }

  /** What there is to say of a stage beside its tasks, such as a fit's gradient. */
  synchronized void note(String text) {
    note = text;
    once = false;
    if (mode == Mode.EVERY_STAGE) {
      out.println(PublicText.of("spark-curvature: " + text));
    }
  }

  private void begin(String announcement) {
    if (!stage.equals(announcement)) {
      stage = announcement;
      note = "";
      begin = clock.getAsLong();
      rows = 0;
      done = 0;
      tasks = 0;
      whole = 0;
      left = Double.NaN;
      if (mode == Mode.TERMINAL) {
        last = Math.max(last, begin + FIRST_AFTER - mode.interval);
      }
    }
  }

  /** More tasks are to be done for {@code announcement}. */
  synchronized void begins(String announcement, int more) {
    if (!stage.equals(announcement)) {
      begin(announcement);
      once = true;
    }
    if (done > 0) {
      once = false; // who knows how often rows are read
    }
    tasks += more;
  }

  /** A task is done. */
  synchronized void done(long moreRows) {
    rows += moreRows;
    done++;
    double seconds = seconds();
    double now = seconds * tasks / done;
    whole = Double.isNaN(left) ? now : (1 - NEW) * whole + NEW * now;
    tick();
  }

  /** Shows how far the run is, if that is due. */
  synchronized void tick() {
    long now = clock.getAsLong();
    if (stage.isEmpty() || mode == Mode.NONE || now - last < mode.interval) {
      return;
    }
    last = now;
    String text = PublicText.line("spark-curvature: " + stage + text());
    if (mode == Mode.TERMINAL) {
      out.print(CLEAR + text.substring(0, Math.min(text.length(), width - 1)));
      out.flush();
      shown = true;
    } else {
      out.println(text);
    }
  }

  private double seconds() {
    return Math.max(1e-9, (clock.getAsLong() - begin) / 1e9);
  }

  private String text() {
    double seconds = seconds();
    if (!note.isEmpty()) {
      return ": " + note + ", " + duration(seconds);
    }
    StringBuilder text = new StringBuilder();
    if (done > 0 && tasks > 0) {
      text.append(rows > 0 ? say(": %,d rows, ", rows) : ": ");
      text.append(once ? say("%d %%", 100L * done / tasks) : say("%,d tasks", done));
      text.append(rows > 0 ? say(", %,.0f rows/s", rounded(rows / seconds)) : "");
      timeLeft(seconds).ifPresent(time -> text.append(", ").append(time).append(" left"));
    }
    return text.append(", ").append(duration(seconds)).toString();
  }

  private Optional<String> timeLeft(double seconds) {
    double share = (double) done / tasks;
    if (!once || done >= tasks || seconds < LEFT_AFTER_SECONDS || share < LEFT_AFTER_SHARE) {
      return Optional.empty();
    }
    double expected = Math.max(whole - seconds, 0.02 * whole);
    left = Double.isNaN(left) ? expected : Math.min(expected, MOST_RISE * left);
    return Optional.of(duration(left));
  }

  /** Two digits, in a unit that suits. */
  static String duration(double seconds) {
    if (seconds < 99.5) {
      return say(seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
    }
    double minutes = seconds / 60;
    if (minutes < 99.5) {
      return say(minutes < 9.95 ? "%.1f min" : "%.0f min", minutes);
    }
    return say(minutes / 60 < 9.95 ? "%.1f h" : "%.0f h", minutes / 60);
  }

  private static double rounded(double value) {
    double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1));
    return Math.rint(value / unit) * unit;
  }

  private static String say(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** Shows the line also where nothing ends; until {@link #stop}. */
  synchronized void start() {
    if (ticker == null && (mode == Mode.TERMINAL || mode == Mode.LOG)) {
      ticker = new Thread(this::watch, "progress");
      ticker.setDaemon(true);
      ticker.start();
    }
  }

  private void watch() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(Math.min(mode.interval, TimeUnit.SECONDS.toNanos(1)));
        tick();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing is shown any more. */
  synchronized void stop() {
    if (ticker != null) {
      ticker.interrupt();
      ticker = null;
    }
    stage = "";
    clear();
  }

  /** The line is taken away, for something else to be printed. */
  synchronized void clear() {
    if (shown) {
      out.print(CLEAR);
      out.flush();
      shown = false;
    }
  }
}
