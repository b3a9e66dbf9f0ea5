package org.sparkcurvature.job.errors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.LocalSpark;
import scala.MatchError;

class FailuresTest {

  @Test
  void aMessageOfATaskReachesTheUserUnwrapped() {
    JobException inTask = Errors.notFinite("log(x)", List.of("row 3"));
    JobException error =
        catchThrowableOfType(
            JobException.class,
            () ->
                Failures.translate(
                    () ->
                        new JavaSparkContext(LocalSpark.session().sparkContext())
                            .parallelize(List.of(1, 2), 2)
                            .map(
                                number -> {
                                  if (number == 2) {
                                    throw inTask;
                                  }
                                  return number;
                                })
                            .collect()));
    assertThat(error).hasMessage(inTask.getMessage());
    assertThat(error.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
  }

  @Test
  void aLineLargerThanTheHeapIsSaidToBeOne() {
    // As Spark's reader of files has it: the error is neither thrown nor the cause of anything.
    MatchError unexpected = new MatchError(new OutOfMemoryError("Java heap space"));
    RuntimeException error = Failures.understand(new SparkException("Job aborted", unexpected));
    assertThat(error).isInstanceOf(OutOfMemoryException.class);
    assertThat(error).hasMessageContaining("a single line may be longer than there is room for");
  }

  @Test
  void anExpressionThatFailsInATaskIsAFaultOfTheData() {
    JobException error =
        catchThrowableOfType(
            JobException.class,
            () ->
                Failures.translate(
                    () ->
                        LocalSpark.session()
                            .sql("SELECT raise_error('no such group') FROM range(3)")
                            .collectAsList()));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error.what()).contains("no such group");
  }

  @Test
  void aFileThatVanishesIsAFaultOfTheData(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a\n1\n");
    var rows = LocalSpark.session().read().option("header", "true").csv(path.toString());
    Files.delete(path);
    JobException error =
        catchThrowableOfType(
            JobException.class, () -> Failures.translate(() -> rows.collectAsList()));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error.what()).contains("a.csv");
  }

  @Test
  void whatTheFormatHasNoFormForIsAFaultOfTheOutput(@TempDir Path folder) {
    String path = folder.resolve("rejected").toString();
    var rows = LocalSpark.session().sql("SELECT make_interval(1) AS n");
    assertThat(
            catchThrowableOfType(
                JobException.class,
                () ->
                    Failures.translateWriting(
                        path,
                        () -> {
                          rows.write().parquet(path);
                          return path;
                        })))
        .hasMessageStartingWith(path + " cannot be written: ")
        .hasMessageContaining("curvature.output.format")
        .hasMessageNotContaining("the input")
        .extracting(JobException::exitCode)
        .isEqualTo(ExitCode.CONFIGURATION);
  }

  @Test
  void whoeverWritesAlsoReads() {
    // Of two files that are not there, one is the input's.
    assertThat(whileWriting(new FileNotFoundException("/data/a.csv")).exitCode())
        .isEqualTo(ExitCode.DATA);
    JobException output = whileWriting(new FileNotFoundException("/out/x/part-0 (Is a directory)"));
    assertThat(output.exitCode()).isEqualTo(ExitCode.CLUSTER);
    assertThat(output)
        .hasMessageStartingWith("file:/out/x cannot be written: ")
        .hasMessageContaining("curvature.output.path");
    JobException known = Errors.notFinite("log(x)", List.of());
    assertThat(whileWriting(known)).isSameAs(known);
  }

  private static JobException whileWriting(Exception cause) {
    return catchThrowableOfType(
        JobException.class,
        () ->
            Failures.translateWriting(
                "file:/out/x",
                () -> {
                  throw new IllegalStateException(cause);
                }));
  }

  @Test
  void fullDisksAndLostExecutorsAreTheClusters() {
    assertThat(
            exitCode(new SparkException("Job aborted", new IOException("No space left on device"))))
        .isEqualTo(ExitCode.CLUSTER);
    assertThat(
            exitCode(
                new SparkException(
                    "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most"
                        + " recent failure: Lost task 0.3 (ExecutorLostFailure (executor 1 exited))",
                    null)))
        .isEqualTo(ExitCode.CLUSTER);
    assertThat(exitCode(new RuntimeException(new OutOfMemoryError("Java heap space"))))
        .isEqualTo(ExitCode.CLUSTER);
  }

  @Test
  void aFullFileSystemIsTheOutputsWhereTheOutputIsWritten() {
    FSError full = catchThrowableOfType(FSError.class, FailuresTest::writeToFullDevice);
    assertThat(Failures.reason(full)).isEqualTo("No space left on device");
    assertThat(Failures.understand(new SparkException("Job aborted", full)))
        .hasMessageContaining("a local file system cannot take what is written");
    assertThatThrownBy(
            () ->
                Failures.translateWriting(
                    "file:/out/x",
                    () -> {
                      throw new IllegalStateException(full);
                    }))
        .hasMessageStartingWith("file:/out/x cannot be written: No space left on device");
    assertThat(Failures.understand(new IOException("No space left on device")))
        .hasMessageContaining("spark.local.dir");
  }

  private static void writeToFullDevice() throws IOException {
    Path device = Path.of("/dev/full");
    assumeTrue(Files.exists(device), "there is no /dev/full here");
    RawLocalFileSystem files = new RawLocalFileSystem();
    files.initialize(URI.create("file:///"), new Configuration());
    try (OutputStream out = files.create(new org.apache.hadoop.fs.Path(device.toUri()), true)) {
      out.write(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(executor 1 exited caused by one of the running tasks) Reason: Command exited with code 52",
        "(executor 1 exited unrelated to the running tasks) Reason: The executor with id 1 exited with exit code 137(SIGKILL, possible container OOM).",
        "(executor 1 exited) Reason: Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB",
      })
  void executorsThatAreLostForTheirMemoryAreToldAsSuch(String lost) {
    assertThat(Failures.understand(new SparkException("Lost task: ExecutorLostFailure " + lost)))
        .isInstanceOf(OutOfMemoryException.class)
        .hasMessageContaining("memory ran out: executors were lost (")
        .hasMessageContaining("--executor-memory");
    assertThat(
            Failures.understand(
                new SparkException("ExecutorLostFailure Reason: Command exited with code 1")))
        .isNotInstanceOf(OutOfMemoryException.class);
  }

  @Test
  void anExecutorThatEndsRejectsTasks() {
    String task = "Task org.apache.spark.executor.Executor$TaskRunner@1 rejected";
    assertThat(exitCode(new SparkException("aborted", new RejectedExecutionException(task))))
        .isEqualTo(ExitCode.CLUSTER);
  }

  private static ExitCode exitCode(Exception failure) {
    return ((JobException) Failures.understand(failure)).exitCode();
  }

  /** A virtual environment that is not activated. */
  @Test
  void workersOfAnotherPythonAreExplained() {
    RuntimeException e =
        Failures.understand(
            new SparkException(
                "Job aborted: PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in worker has"
                    + " different version: 3.11 than that in driver: 3.10"));
    assertThat(e).isInstanceOf(JobException.class);
    assertThat(((JobException) e).exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(e).hasMessageContaining("PYSPARK_PYTHON");
  }

  @Test
  void aDefectStaysWhatItIs() {
    assertThatThrownBy(
            () ->
                Failures.translate(
                    () -> {
                      throw new IllegalStateException("a defect");
                    }))
        .isInstanceOf(IllegalStateException.class);
    Exception checked = new IOException("odd");
    assertThat(Failures.understand(checked)).hasCause(checked).isNotInstanceOf(JobException.class);
    assertThat(Failures.understand(new FileNotFoundException("x")))
        .isInstanceOf(JobException.class);
  }

  @Test
  void aReasonIsOneLineWithoutSparksCodes() {
    assertThat(
            Failures.reason(
                new IOException(
                    "[PATH_NOT_FOUND] Path does not exist: x. SQLSTATE: 42K03;\n'Plan")))
        .isEqualTo("Path does not exist: x");
    assertThat(Failures.reason(new IOException(new IllegalStateException())))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(Failures.reason(new IllegalStateException())).isEqualTo("IllegalStateException");
  }

  @Test
  void aFileThatCannotBeReadSaysWhy(@TempDir Path folder) throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv.gz"), "this was never compressed");
    var rows = LocalSpark.session().read().schema("a DOUBLE").csv(path.toString());
    JobException error =
        catchThrowableOfType(
            JobException.class, () -> Failures.translate(() -> rows.collectAsList()));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error.what()).contains("a.csv.gz: not a gzip file");
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoFaultOfTheData() {
    for (Exception silent :
        List.of(
            new ConnectException("Connection refused"),
            new SocketTimeoutException("Read timed out"))) {
      Exception wrapped = new IOException("getFileStatus on s3a://bucket/x", silent);
      for (JobException told :
          List.of(
              Errors.inputNotReadable("s3a://bucket/x", "curvature.input.path", "gone", wrapped),
              Errors.outputNotWritable("s3a://bucket/y", "gone", wrapped))) {
        assertThat(told.exitCode()).isEqualTo(ExitCode.CLUSTER);
        assertThat(told).hasMessageContaining("cannot be reached: gone");
      }
    }
    Exception misspelt = new IOException(new UnknownHostException("s3.exmaple.org"));
    assertThat(Errors.inputNotReadable("x", "curvature.input.path", "y", misspelt).exitCode())
        .isEqualTo(ExitCode.DATA);
    assertThat(Errors.outputNotWritable("x", "y", misspelt).exitCode())
        .isEqualTo(ExitCode.CONFIGURATION);
  }

  @Test
  void aFileSystemThatIsNotHereIsAMatterOfTheCommandLine() {
    RuntimeException told =
        Failures.understand(
            new RuntimeException(
                new ClassNotFoundException(
                    "Class org.apache.hadoop.fs.s3a.S3AFileSystem not found")));
    assertThat(told).isInstanceOf(JobException.class).hasMessageContaining("--packages");
    assertThat(((JobException) told).exitCode()).isEqualTo(ExitCode.CONFIGURATION);
  }

  @Test
  void anInterruptIsToldAsOne() {
    RuntimeException told =
        Failures.understand(
            new IllegalStateException("Job 2 cancelled because SparkContext was shut down"));
    assertThat(told).isInstanceOf(JobException.class).hasMessageContaining("interrupted");
    assertThat(((JobException) told).exitCode()).isEqualTo(ExitCode.CLUSTER);
  }

  /** What a shuffle left is lost: the input is as it was, and another run reads it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/tmp/blockmgr-0c5a5b0e-3f6c-4d0c-9b39-0d6e1c9b7a55/30/shuffle_0_1_0.index (No such file)",
        "org.apache.spark.shuffle.MetadataFetchFailedException: Missing an output location for shuffle 3 partition 0"
      })
  void lostShuffleFilesAreTheClusters(String message) {
    Throwable failure =
        new RuntimeException("Job aborted", new java.io.FileNotFoundException(message));
    assertThat(Failures.understand(failure))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CLUSTER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Please reduce your request rate. (Service: S3, Status Code: 503, Request ID: X): SlowDown",
        "PUT 0-byte object on x: Slow Down (Service: Amazon S3; Status Code: 503; Error Code: 503 Slow Down)",
        "Operation failed: \"Ingress is over the account limit.\", 503, PUT, ServerBusy",
        "429 Too Many Requests POST https://storage.googleapis.com/upload",
        "Error accessing gs://b/o: statusCode=x; HTTP 502",
        "Code: RequestLimitExceeded",
      })
  void aStoreThatIsTooBusyIsWorthARetry(String message) {
    IOException busy = new IOException(message);
    assertThat(Failures.isUnreachable(new IllegalStateException(busy))).isTrue();
    assertThat(Errors.inputNotReadable("s3a://b/x", "input.path", message, busy).exitCode())
        .isEqualTo(ExitCode.CLUSTER);
    assertThat(Errors.outputNotWritable("s3a://b/x", message, busy).exitCode())
        .isEqualTo(ExitCode.CLUSTER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Access Denied (Service: S3, Status Code: 403)",
        "No such file: a503 Slow",
        "Not Found (Status Code: 404)",
      })
  void aStoreThatRefusesIsNot(String message) {
    assertThat(Failures.isUnreachable(new IOException(message))).isFalse();
  }
}
