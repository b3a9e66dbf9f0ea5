package org.sparkcurvature.job.command;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.sparkcurvature.job.errors.Errors;

/**
 * Tells of a run that a signal ends. Once Spark runs, a signal stops it, and the run fails and
 * tells of itself; while Spark starts nothing fails, and the process would end without a word.
 */
final class Interruption implements AutoCloseable {
  /** How long a run that fails may take to tell of itself. */
  private static final int SECONDS = 3;

  /** Before file systems are closed, and after Spark's own hook. */
  private static final int PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 5;

  /** Says how a run ended. */
  interface Telling {
    void tell(Throwable failure) throws IOException;
  }

  private final Telling telling;
  private final Runnable hook = this::tell;
  private final AtomicBoolean told = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);

  /**
   * @param telling what is told if nobody has, when the process ends
   */
  Interruption(Telling telling) {
    this.telling = telling;
    ShutdownHookManager.get().addShutdownHook(hook, PRIORITY);
  }

  /**
   * Whether the run is to tell of itself: once, unless it has been told that it was interrupted.
   */
  boolean isFirst() {
    return told.compareAndSet(false, true);
  }

  /** Whether the process ends: whatever fails from then on fails because of that. */
  static boolean isUnderway() {
    return ShutdownHookManager.get().isShutdownInProgress();
  }

  private void tell() {
    try {
      if (!over.await(SECONDS, TimeUnit.SECONDS) && isFirst()) {
        telling.tell(Errors.interrupted(null));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The process ends; there is nobody left to be told that the status could not be written.
    }
  }

  @Override
  public void close() {
    over.countDown();
    if (!isUnderway()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
