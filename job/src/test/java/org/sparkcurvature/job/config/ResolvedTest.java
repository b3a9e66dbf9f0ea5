package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResolvedTest {

  @Test
  void theResolvedConfigurationLoadsAsTheSame() {
    LoadedConfiguration loaded =
        Given.base(
                """
                input { options { a.b = 1 }, limit = 3 }
                derive.per-sample { hessian = full, jacobian-of = [eta] }
                output.path = ${OUT}
                """)
            .env("OUT", "out/é \"q\"")
            .load();

    assertThat(loaded.resolved())
        .startsWith("# The configuration as resolved; secrets are masked.\ncurvature {")
        .contains("partition-size", "path=\"out/é \\\"q\\\"\"")
        .doesNotContain("${");
    assertThat(Given.nothing().config("config.conf", loaded.resolved()).decode())
        .isEqualTo(loaded.configuration());
  }

  @Test
  void secretsAreMasked() {
    String resolved =
        Given.base(
                """
                input {
                  path = "s3a://AKIA:hush1@bucket/x"
                  options {
                    password = hush2, dbtable = t, "fs.s3a.secret.key" = hush3, fs.s3a.access.key = hush4
                    fs.azure.account.key.x.net = hush5, "sas-token" = [], user-credentials = hush6
                    url = "jdbc:postgresql://h/db?user=me&password=hush7&ssl=true", keyspace = ks
                    apiKey = hush8, Authorization = "Bearer x"
                  }
                  options.sas-token = hush9
                }
                model.define { token = "y + 1", secret_key = 2 }
                input.tensors.password = c
                output.path = ${OUT}
                """)
            .env("OUT", "hdfs://me:hush0@host/o")
            .load()
            .resolved();

    assertThat(resolved)
        .doesNotContain("hush")
        .contains(
            "s3a://AKIA:(masked)@bucket/x",
            "dbtable=t",
            "keyspace=ks",
            "jdbc:postgresql://h/db?user=me&password=(masked)&ssl=true",
            "hdfs://me:(masked)@host/o",
            "token=\"y + 1\"",
            "password=c",
            "secret_key\"=2");
  }

  @Test
  void theDecodedOptionsKeepTheirSecrets() {
    InputSource source = Given.base("input.options.password = hush").decode().input().source();

    assertThat(((InputSource.Files) source).options()).containsEntry("password", "hush");
  }
}
