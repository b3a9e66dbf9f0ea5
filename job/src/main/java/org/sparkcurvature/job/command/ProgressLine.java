package org.sparkcurvature.job.command;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.sparkcurvature.job.errors.PublicText;

/**
 * How far a stage is: one line that is written over on a terminal, a line now and then elsewhere.
 * Short stages have none.
 */
final class ProgressLine {
  private static final String CLEAR = "\r\u001B[K";
  private static final long FIRST_AFTER = TimeUnit.SECONDS.toNanos(2);
  private static final long ON_TERMINAL = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long ELSEWHERE = TimeUnit.SECONDS.toNanos(30);

  private final PrintStream out;
  private final boolean terminal;
  private String stage = "";
  private long begin;
  private long last;
  private long rows;
  private int done;
  private int tasks;
  private boolean shown;

  /**
   * @param terminal whether a person watches, so that a line can be written over
   */
  ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** More tasks are to be done for {@code announcement}. */
  synchronized void begins(String announcement, int more) {
    if (!stage.equals(announcement)) {
      clear();
      stage = announcement;
      begin = System.nanoTime();
      last = begin + FIRST_AFTER - (terminal ? ON_TERMINAL : ELSEWHERE);
      rows = 0;
      done = 0;
      tasks = 0;
    }
    tasks += more;
  }

  /** A task is done. */
  synchronized void done(long moreRows) {
    rows += moreRows;
    done++;
    long now = System.nanoTime();
    if (now - last >= (terminal ? ON_TERMINAL : ELSEWHERE) && done < tasks) {
      last = now;
      String text = PublicText.line(text((now - begin) / 1e9));
      if (terminal) {
        out.print(CLEAR + text);
        out.flush();
        shown = true;
      } else {
        out.println(text);
      }
    }
  }

  private String text(double seconds) {
    long left = Math.round(seconds / done * (tasks - done));
    String read =
        rows == 0
            ? ""
            : String.format(Locale.ROOT, "%,d rows, %,.0f rows/s, ", rows, rows / seconds);
    return String.format(
        Locale.ROOT,
        "spark-curvature: %s: %s%d of %d tasks, %d:%02d left",
        stage,
        read,
        done,
        tasks,
        left / 60,
        left % 60);
  }

  /** Nothing is shown any more. */
  synchronized void clear() {
    if (shown) {
      out.print(CLEAR);
      out.flush();
      shown = false;
    }
  }
}
