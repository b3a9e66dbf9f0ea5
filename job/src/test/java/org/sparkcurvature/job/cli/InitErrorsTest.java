package org.sparkcurvature.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;

/** What {@code init} says of tables that tell nothing, and of what is typed wrong. */
class InitErrorsTest {
  @TempDir Path temporary;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session();
  }

  private static Console init(String... arguments) {
    return Console.run(
        Stream.concat(Stream.of("init"), Arrays.stream(arguments)).toArray(String[]::new));
  }

  private String csv(String... lines) throws IOException {
    return Files.writeString(temporary.resolve("table.csv"), String.join("\n", lines) + "\n")
        .toString();
  }

  @Test
  void tablesOfNothing() throws IOException {
    Path nothing = Files.createFile(temporary.resolve("nothing.csv"));
    refused(init(nothing.toString()), 3, "nothing.csv has no rows");
    refused(init(csv("a,b,c")), 3, "table.csv has no rows");
    String empty = temporary.resolve("empty.parquet").toString();
    LocalSpark.session().range(0).write().parquet(empty);
    refused(init(empty), 3, "has no rows");
    refused(
        init(csv("id,when,same", "1,2024-01-01,k", "2,2024-01-02,k")),
        3,
        "none of the columns can be modelled:\n  id: 1 or 2; an identifier by its name, and unique\n"
            + "  when: text, 2 levels: 2024-01-01, 2024-01-02; a date\n  same: text, 1 level: k;"
            + " constant");
  }

  @Test
  void aResponseThatIsNone() throws IOException {
    String path = csv("day,x,same", "2024-01-01,1.5,k", "2024-01-02,2,k", "2024-01-02,4,k");
    refused(
        init(path, "--response", "dya"), 3, "there is no column 'dya'", "perhaps day was meant");
    refused(init(path, "--response", "day"), 3, "day cannot be a response: a date");
    refused(init(path, "--response", "same"), 3, "same cannot be a response: constant");
  }

  @Test
  void whatIsTypedWrong() throws IOException {
    String path = csv("x,y", "1.5,2", "2.5,3");
    refused(Console.run("init"), 2, "no table was named: write init PATH");
    refused(init("nowhere.csv"), 3, "there is nothing at nowhere.csv", "at: curvature.input.path");
    refused(init(path, "--family", "poison"), 2, "there is no family poison", "poisson was meant");
    refused(init(path, "my.conf"), 2, "my.conf is a configuration", "> my.conf");
    refused(init(path, "--table", "t"), 2, "rows come from one of PATH, --table and --sql");
    refused(init(path, "--set", "fit.l1=1"), 2, "neither of input nor of output");
    Console unknown = init(path, "--set", "input.formt=csv");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("input.formt", "did you mean format");
    refused(init(path, "--config", "a.conf"), 2, "there is no option or argument '--config' here");
    refused(Console.run("int", path), 2, "there is no command 'int'", "perhaps init was meant");
    refused(init("--table", "no_such"), 3, "no_such");
    refused(init("--sql", "SELEC 1"), 3, "it is not a query");
  }

  @Test
  void isNamedInHelp() {
    for (String[] arguments : new String[][] {{"--help"}, {"init", "--help"}}) {
      Console help = Console.run(arguments);
      assertThat(help.exitCode()).isZero();
      assertThat(help.out()).contains("init", "from a first look at a table");
    }
  }

  /** Nobody reads lines that long, and they are printed cut. */
  @Test
  void aQueryThatIsCutIsToBeFilledIn() {
    String query =
        "SELECT x, y FROM VALUES (1.5, 2), (2.5, 3), (3.0, 4) AS t(x, y) WHERE "
            + "x > 0 AND ".repeat(500)
            + "y > 0";
    assertThat(init("--sql", query).out())
        .startsWith("# Fill in what stands masked or cut below")
        .contains("characters are left out");
  }

  private static void refused(Console console, int exitCode, String... words) {
    assertThat(console.exitCode()).as(console.err()).isEqualTo(exitCode);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).contains(words).contains("\n  to mend it: ");
  }
}
