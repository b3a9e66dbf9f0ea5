package org.sparkcurvature.job.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparkcurvature.job.hostile.Planted.CONTROL;
import static org.sparkcurvature.job.hostile.Planted.SECRET;
import static org.sparkcurvature.job.hostile.Planted.quoted;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.cli.Console;
import org.sparkcurvature.job.cli.Program;

/**
 * Secrets and escape sequences are planted wherever users and their data can put them, runs end in
 * every way, and all that is printed and written is read.
 *
 * <p>Not looked at is what a result hands on of the rows themselves: ids, carried columns and the
 * columns of rejected rows are the user's data.
 */
class PlantedSecretsTest {
  @TempDir Path temporary;

  private final List<String> leaks = new ArrayList<>();
  private final Set<Integer> endings = new java.util.TreeSet<>();

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  @BeforeEach
  void rows() throws IOException {
    Files.createDirectories(temporary.resolve("in"));
    Files.writeString(temporary.resolve("in/rows.csv"), "id,x,y,t\n1,1,2,a\n2,2,3,b\n3,3,7,c\n");
  }

  @AfterEach
  void nothingLeaked() {
    assertThat(leaks.stream().limit(30)).as("%d leaks", leaks.size()).isEmpty();
  }

  private static final String BASE =
      """
      curvature {
        input { path = "%1$s/in/rows.csv", options { header = true }, tensors { x = [x], y = y }, id = id }
        model { parameters { beta { labels = x, fill = 0.1 } }, loss = "square(y - dot(x, beta))" }
        derive.per-sample.gradient = true
        output { path = "%1$s/out/result", mode = overwrite }
        run.status = "%1$s/out/run.status"
      }
      """;

  /** Runs the base configuration with more in it, and reads what comes of it. */
  private Console run(String command, String planted, String... more) throws IOException {
    Path file = temporary.resolve("in/run.conf");
    Files.writeString(file, BASE.formatted(temporary) + planted + "\n");
    List<String> arguments = new ArrayList<>(List.of(command, "--config", file.toString()));
    arguments.addAll(List.of(more));
    Console console = Console.run(arguments.toArray(String[]::new));
    String case_ = command + " " + planted + " " + List.of(more);
    look(case_, "standard output", console.out());
    look(case_, "standard error", console.err());
    if (console.exitCode() == 1) {
      leaks.add(
          "a defect: %s%n    after: %s".formatted(console.err().lines().limit(6).toList(), case_));
    }
    endings.add(console.exitCode());
    readWritten(case_);
    return console;
  }

  private void look(String planted, String place, String text) {
    String found = Planted.found(text);
    if (!found.isEmpty()) {
      leaks.add(
          "%s has %s%n    after: %s"
              .formatted(place, found, planted.substring(0, Math.min(200, planted.length()))));
    }
  }

  /** Reads every file but those of the input, and removes what was written. */
  private void readWritten(String planted) throws IOException {
    try (Stream<Path> all = Files.walk(temporary)) {
      List<Path> files = all.filter(file -> !file.startsWith(temporary.resolve("in"))).toList();
      for (Path file : files) {
        if (Files.isRegularFile(file)
            && !file.toString().contains(".parquet")
            && !file.toString().endsWith(".npy")
            && !file.toString().endsWith(".crc")) {
          look(
              planted,
              file.getFileName().toString(),
              new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        }
        if (Files.isDirectory(file) && holdsTable(file)) {
          readTable(planted, file);
        }
      }
      for (int k = files.size() - 1; k > 0; k--) {
        Files.deleteIfExists(files.get(k));
      }
    }
  }

  private static boolean holdsTable(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().endsWith(".parquet"));
    }
  }

  private void readTable(String planted, Path folder) {
    Dataset<Row> table = LocalSpark.session().read().parquet(folder.toString());
    boolean rejected = folder.endsWith("rejected");
    for (String column : table.columns()) {
      if (rejected ? column.equals("reason") : !column.equals("id") && !column.equals("c")) {
        if (!rejected) {
          look(planted, folder.getFileName() + "'s columns", column);
        }
        for (Row row :
            table
                .select(functions.to_json(functions.struct(functions.col("`" + column + "`"))))
                .collectAsList()) {
          look(planted, folder.getFileName() + "." + column, row.getString(0));
        }
      }
    }
  }

  @Test
  void valuesOfEveryKey() throws IOException {
    for (String key : Keys.all().keySet()) {
      String set = Keys.beside(key) + "\ncurvature." + key + " = ";
      run(Keys.command(key), set + quoted(Planted.all()));
      run(Keys.command(key), Keys.beside(key), "--set", key + "=" + quoted(Planted.all()));
    }
    assertThat(endings).contains(2, 3);
  }

  @Test
  void listsAndBlocksInEveryKey() throws IOException {
    String all = quoted(Planted.all());
    for (String key : Keys.all().keySet()) {
      run(
          Keys.command(key),
          "curvature.%s = null\ncurvature.%s = { %s = %s }".formatted(key, key, all, all));
      run(Keys.command(key), "", "--set", key + "=[" + all + "]");
    }
  }

  /** Keys whose name says that they hold a secret, where nothing else does. */
  @Test
  void secretKeysOfEveryBlock() throws IOException {
    for (Map.Entry<String, ConfigValue> entry : Keys.all().entrySet()) {
      if (entry.getValue() instanceof ConfigObject) {
        for (String name : List.of("password", "\"fs.s3a.secret.key\"", "\"sasl.jaas.config\"")) {
          String path = entry.getKey() + "." + name;
          // The blocks of the user's own names hold expressions.
          if (!path.matches("(model|input.tensors|infer.(functions|tests)).*")) {
            run(Keys.command(path), "curvature." + path + " = " + quoted(SECRET));
            run(Keys.command(path), "", "--set", path + "=" + SECRET);
          }
        }
      }
    }
    assertThat(endings).contains(0, 2);
  }

  @Test
  void commentsOfExpressions() throws IOException {
    Map<String, String> expressions =
        Map.of(
            "input.where", "x > 0",
            "input.weight", "x",
            "input.tensors.x", "x",
            "input.sql", "SELECT id, x, y, t FROM csv.`" + temporary + "/in/rows.csv`",
            "model.loss", "square(y - dot(x, beta))",
            "model.define.z", "y",
            "model.penalty", "dot(beta, beta)",
            "infer.groups", "x",
            "infer.functions.f", "beta[0]",
            "influence.on", "beta[0]");
    for (Map.Entry<String, String> entry : expressions.entrySet()) {
      String key = entry.getKey();
      for (String expression : List.of(entry.getValue(), "nonsense(", "nothing + 1", "rand()")) {
        String text = quoted(Planted.commented(expression));
        String value = key.equals("input.tensors.x") ? "[" + text + "]" : text;
        run(Keys.command(key), Keys.beside(key) + "\ncurvature." + key + " = " + value);
      }
    }
    assertThat(endings).contains(0, 2, 3);
  }

  @Test
  void whatIsTyped() throws IOException {
    String all = Planted.all();
    run("derive", "", "--password", SECRET);
    run("derive", "", "--password=" + SECRET);
    run("derive", "", all);
    run("derive", "", "--" + all);
    run("derive", "", "--config", all);
    run("derive", "", "--config", "s3a://me:" + SECRET + "@bucket/x.conf");
    run("derive", "", "--config", "https://me:" + SECRET + "@127.0.0.1:1/x.conf");
    run("derive", "", "--set", all);
    run("derive", "", "--set", "input.options.password");
    run("derive", "", "--set", "input.options.password={ a = \"" + SECRET);
    run("derive", "", "--set", "input.options.password=[" + SECRET + "]");
    run(all, "");
    run("drive" + CONTROL, "");
    run("derive", "curvature.input.options { password = " + SECRET);
    run("derive", "curvature.input.options.password = \"" + SECRET);
    run("derive", "include required(\"https://me:" + SECRET + "@127.0.0.1:1/x\")");
    run("derive", "include required(\"password=" + SECRET + CONTROL + "\")");
    run("derive", "", "--debug", "--set", "input.path=" + quoted(all));
    assertThat(endings).contains(2, 5);
  }

  /** A table whose columns and values are secrets. */
  private String hostileTable(String value, String number) throws IOException {
    // A bracket in a path is a pattern.
    String control = CONTROL.replace("[", "(");
    String column = "password=" + SECRET + control;
    Path file = temporary.resolve("in/token=" + SECRET + "/rows " + control + ".csv");
    Files.createDirectories(file.getParent());
    String cell = value.replace("\n", " ").replace("\"", "'");
    Files.writeString(
        file,
        "id,x,y,\"%1$s\"\n\"%2$s\",1,2,1\n\"%2$s\",2,3,%3$s\n\"%2$s\",3,7,\"4\"\n"
            .formatted(column, cell, number));
    return """
        curvature.input { path = %s, options { quote = "\\"" }, tensors { x = [%s], y = y }, carry = [] }
        curvature.output.path = %s
        curvature.run.status = %s
        """
        .formatted(
            quoted(file.toString()),
            quoted(column),
            quoted(temporary + "/out/password=" + SECRET + control),
            quoted(temporary + "/out/status"));
  }

  @Test
  void columnsValuesAndNamesOfFiles() throws IOException {
    String all = Planted.all().replace("\n", " ");
    for (String command : List.of("derive", "fit", "infer", "influence", "spectrum", "check")) {
      String table = hostileTable(all, "3");
      run(command, table);
      table = hostileTable(all, "\"" + all + "\"");
      run(command, table);
      run(command, table + "curvature.input.invalid-rows = quarantine");
      run(command, table + "curvature.input.weight = \"1e400 * x\"");
    }
    assertThat(endings).contains(0, 3, 4);
  }

  @Test
  void everyWayToEnd() throws IOException {
    String message = Planted.all().replace("\n", " ").replace("'", "");
    String raising = "if(x > 2, double(raise_error('" + message + "')), x)";
    assertThat(run("derive", "curvature.input.tensors.x = [" + quoted(raising) + "]").exitCode())
        .isEqualTo(3);
    assertThat(
            run("derive", "curvature.model.loss = \"ln(y - 100) + 0 * dot(x, beta)\"").exitCode())
        .isEqualTo(4);
    Path folder = temporary.resolve("out/checkpoint password=" + SECRET);
    assertThat(
            run(
                    "fit",
                    "curvature.fit { checkpoint = %s, max-iterations = 1, method = lbfgs }\n"
                        .concat("curvature.model.loss = \"exp(dot(x, beta)) - y * dot(x, beta)\"")
                        .formatted(quoted(folder.toString())))
                .exitCode())
        .isEqualTo(4);
    assertThat(
            run("derive", "curvature.input.path = \"hdfs://me:%s@127.0.0.1:1/x\"".formatted(SECRET))
                .exitCode())
        .isEqualTo(5);
    assertThat(endings).contains(3, 4, 5);
  }

  /** The log of Spark and its libraries, as the launcher configures it, with everything in it. */
  @Test
  void theLog() throws Exception {
    String message = Planted.all().replace("\n", " ").replace("'", "");
    String raising = "if(x > 2, double(raise_error('" + message + "')), x)";
    Path file = temporary.resolve("in/run.conf");
    Files.writeString(
        file,
        BASE.formatted(temporary) + "curvature.input.tensors.x = [" + quoted(raising) + "]\n");
    Path log = temporary.resolve("in/log");
    String settings = Path.of("../deploy/log4j2.properties").toAbsolutePath().toString();
    Console console =
        Program.run(
            700,
            List.of(
                "spark.master=local[1]",
                "log4j2.configurationFile=" + settings,
                "spark.curvature.log.level=info",
                "spark.curvature.log.tasks=info",
                "spark.curvature.log.trace=full"),
            log,
            "derive",
            "--config",
            file.toString(),
            "--debug");
    assertThat(console.exitCode()).as(console.err()).isEqualTo(3);
    assertThat(console.err()).contains("Executor", "TaskSetManager");
    look("a task that fails", "the log", console.err());
    look("a task that fails", "standard output", console.out());
    readWritten("a task that fails");
  }
}
