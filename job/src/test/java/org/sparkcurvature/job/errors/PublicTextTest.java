package org.sparkcurvature.job.errors;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://me:hu/sh-7@h/db",
        "https://me:a@hush-7@host/x",
        "jdbc:oracle:thin:scott/hush-7@db:1521:x",
        "scott/hush-7@//db:1521/x",
        "jdbc:mysql://h/db?user=me&password=hush-7&ssl=true",
        "Password = hush-7",
        "PASSPHRASE: 'hush-7 again'",
        "db_pass=hush-7",
        "userPassword => \"hush-7\"",
        "\"token\": \"hush-7\"",
        "pin = hush-7",
        "--set input.options.Password=hush-7",
        "fs.s3a.secret.key=hush-7",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=hush-7&x=1",
        "https://a.blob.core.windows.net/c?sv=2022&sig=hush-7",
        "AccountKey=hush-7==;EndpointSuffix=x",
        "Authorization: Bearer hush-7hush-7hush-7",
        "com.sun.security.auth.module.X required username=\"a\" password=\"hush-7\";",
        "SELECT 1 /* the old one was hush-7 */ AS x",
        "eyJhbGciOiJIUzI1NiJ9.hush-7.hush-7",
        "scott/hush-7@db:1521/x",
        "Unmatched arguments: '--password', 'hush-7'",
        "OPTIONS (user 'me', password 'hush-7')",
        "password = \"a\\\"hush-7\"",
        "password = \"\"\"a\"hush-7\"\"\"",
        "password = { a = hush-7",
        "SELECT 1 /* the old\n one was hush-7 */ AS x",
      })
  void secretsAreMaskedByTheirForm(String text) {
    assertThat(PublicText.of(text)).contains("(masked)").doesNotContain("sh-7");
    assertThat(PublicText.of(PublicText.of(text))).doesNotContain("sh-7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the output hdfs://host:9000/a/b exists already",
        "abfss://container@account.dfs.core.windows.net/x",
        "row 17 (id 4): x[2] (column income) is 'n/a': not a number",
        "'key = 3 AND tokens > 2' compares text letter by letter",
        "  to mend it: give driver more memory (-- --driver-memory)",
        "error: 1 problem in the configuration",
        "passing, spinning, authors: pinball(r, 0.5)",
        "there is nothing at data/*.csv",
        "data/* cannot be read; nor s3a://b/*/x/*.csv, /data/*/y*/z",
      })
  void otherTextStays(String text) {
    assertThat(PublicText.of(text)).isEqualTo(text);
  }

  @Test
  void commentsOfQueriesAreMasked() {
    assertThat(PublicText.maskedSql("SELECT 1 -- hush\nFROM t /* hush\n hush */ WHERE x - -1 > 0"))
        .isEqualTo("SELECT 1 -- (masked)\nFROM t /* (masked) */ WHERE x - -1 > 0");
  }

  @ParameterizedTest
  @CsvSource({
    "a + /* hush */ 1, a + /* (masked) */ 1",
    "a --hush, a -- (masked)",
    "'''-- a'' + `--b` - -1', '''-- a'' + `--b` - -1'",
    "IF(token = 3 AND pin <> 2), IF(token = 3 AND pin <> 2)",
    "token = 'hush', token = (masked)",
    "password == hush, password == (masked)",
  })
  void expressionsKeepAllButSecrets(String text, String masked) {
    assertThat(PublicText.maskedExpression(text)).isEqualTo(masked);
    assertThat(PublicText.starred(text)).hasSameSizeAs(text).doesNotContain("hush");
  }

  @Test
  void aSecretThatIsCutInTwoIsMasked() {
    for (int before = 900; before < 1100; before++) {
      String text = "x".repeat(before) + " password=" + "hush-7".repeat(20) + " y".repeat(3000);
      assertThat(PublicText.of(text)).doesNotContain("ush-7hush-7");
      assertThat(PublicText.shortened(text, 1000)).doesNotContain("ush-7hush-7");
    }
  }

  @Test
  void aMessageTakesOneScreen() {
    assertThat(PublicText.of("line\n".repeat(1000) + "to mend it").lines())
        .hasSize(51)
        .contains("... (951 lines are left out)")
        .endsWith("to mend it");
  }

  @Test
  void controlCharactersAreShown() {
    assertThat(PublicText.of("a\u001b[2Jb\u0007\u009bc\u202ed\te"))
        .isEqualTo("a\\x1b[2Jb\\x07\\x9bc\\u202ed\te");
    assertThat(PublicText.line("a\rb")).isEqualTo("a\\x0db");
  }

  @Test
  void whatIsLongIsCut() {
    assertThat(PublicText.of("x".repeat(1_000_000)))
        .hasSizeLessThan(2100)
        .contains("... (998,000 characters are left out) ...");
  }

  @Test
  void whatCannotBeSeenIsShown() {
    assertThat(PublicText.visible("a\u200bb\u200ec\u061cd\ufeffe\u2060f"))
        .isEqualTo("a\\u200bb\\u200ec\\u061cd\\ufeffe\\u2060f");
  }

  /** HOCON and JSON read the escapes as what they stand for. */
  @Test
  void whatCannotBeSeenIsEscapedInJson() {
    String hidden = "a\u200bb\u200dc\u2060d\ufeffe\u00adf\u061cg\u202eh\u2063i";
    String json = PublicText.escaped("{\"x\": \"" + hidden + "\"}");
    assertThat(json).isASCII();
    assertThat(ConfigFactory.parseString(json).getString("x")).isEqualTo(hidden);
  }
}
