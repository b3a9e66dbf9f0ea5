package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;

class DeriveRulesTest {

  @Test
  void defaultsOfTheBlock() {
    DeriveConfig derive = Given.base().decode().derive();

    assertThat(derive.reduction()).isEqualTo(Reduction.MEAN);
    assertThat(derive.request())
        .isEqualTo(
            Request.by("b0", "beta")
                .withSums(Request.Global.NONE.withValue().withGradient().withHessian()));
  }

  @Test
  void everyKeyOfTheBlock() {
    DeriveConfig derive =
        Given.base(
                """
                derive {
                  wrt = [beta, b0], reduction = sum
                  global { value = false, gradient = false, hessian = blocks, ggn = eta, opg = true }
                  per-sample {
                    value = true, gradient = true, hessian = packed
                    values-of = [eta, loss], jacobian-of = [eta], adjoint-of = [eta]
                  }
                }
                """)
            .decode()
            .derive();

    assertThat(derive)
        .isEqualTo(
            new DeriveConfig(
                Request.by("beta", "b0")
                    .withSums(
                        Request.Global.NONE
                            .withHessian(Request.HessianForm.BLOCKS)
                            .withGgn("eta")
                            .withOpg())
                    .withSamples(
                        Request.PerSample.NONE
                            .withValue()
                            .withGradient()
                            .withHessian(Request.SampleHessianForm.PACKED)
                            .withValuesOf("eta", "loss")
                            .withJacobiansOf("eta")
                            .withAdjointsOf("eta")),
                Reduction.SUM));
  }

  @ParameterizedTest
  @CsvSource({"full, FULL", "blocks, BLOCKS", "diagonal, DIAGONAL", "none, NONE"})
  void formsOfTheGlobalHessian(String written, Request.HessianForm form) {
    assertThat(
            Given.base("derive.global.hessian = " + written)
                .decode()
                .derive()
                .request()
                .global()
                .hessian())
        .isEqualTo(form);
  }

  @ParameterizedTest
  @CsvSource({"full, FULL", "packed, PACKED", "diagonal, DIAGONAL", "none, NONE"})
  void formsOfThePerSampleHessian(String written, Request.SampleHessianForm form) {
    assertThat(
            Given.base("derive.per-sample.hessian = " + written)
                .decode()
                .derive()
                .request()
                .perSample()
                .hessian())
        .isEqualTo(form);
  }

  @Test
  void withOneParameterWrtIsThatOne() {
    assertThat(
            Given.base("model.parameters.b0 = null, derive.wrt = null")
                .decode()
                .derive()
                .request()
                .wrt())
        .containsExactly("beta");
  }

  @Test
  void oneNameNeedsNoList() {
    assertThat(Given.base("derive.wrt = beta").decode().derive().request().wrt())
        .containsExactly("beta");
  }

  @Test
  void inputsAndParametersMayBeMixedPerSample() {
    Request request =
        Given.base(
                """
                derive {
                  wrt = [x, beta], global { gradient = false, hessian = none }
                  per-sample.hessian = full
                }
                """)
            .decode()
            .derive()
            .request();

    assertThat(request.wrt()).containsExactly("x", "beta");
    assertThat(request.global().value()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      textBlock =
          """
          derive.wrt = null                 ¦ derive.wrt: is missing, and needed where there is more than one parameter; say which, and in which order: wrt = [b0, beta]
          derive.wrt = []                   ¦ derive.wrt (plus.conf:2): is empty; name parameters or input tensors, as in wrt = [b0, beta]
          derive.wrt = [b0, b0]             ¦ derive.wrt (plus.conf:2): names b0 twice; name it once
          derive.wrt = [b0, bta]            ¦ derive.wrt (plus.conf:2): names bta, which is neither a parameter nor an input tensor; did you mean beta?
          derive.wrt = [eta]                ¦ derive.wrt (plus.conf:2): names eta, a definition; wrt takes parameters and input tensors; d loss/d eta is per-sample { adjoint-of = [eta] }
          derive.wrt = [x]                  ¦ derive.wrt (plus.conf:2): holds the input tensor x, and derivatives with respect to an input tensor are per sample only, but derive.global has gradient = true, hessian = full; write global { gradient = false, hessian = none }, or take parameters only
          derive { wrt = [b0, x], global { gradient = false, hessian = diagonal, ggn = eta, opg = true } } ¦ derive.wrt (plus.conf:2): holds the input tensor x, and derivatives with respect to an input tensor are per sample only, but derive.global has hessian = diagonal, ggn = eta, opg = true; write global { hessian = none, ggn = null, opg = false }, or take parameters only
          derive.global { value = false, gradient = false, hessian = none } ¦ derive: asks for nothing; switch something on in derive.global or derive.per-sample
          derive.global.hessian = true      ¦ derive.global.hessian (plus.conf:2): must be one of full | blocks | diagonal | none, but is true; take one of these
          derive.global.hessian = packed    ¦ derive.global.hessian (plus.conf:2): must be one of full | blocks | diagonal | none, but is the text "packed"; take one of these
          derive.per-sample.hessian = blocks ¦ derive.per-sample.hessian (plus.conf:2): must be one of none | packed | full | diagonal, but is the text "blocks"; take one of these
          derive.global.ggn = x             ¦ derive.global.ggn (plus.conf:2): names the tensor x; it takes names from model.define; for derivatives with respect to it, put it in derive.wrt
          derive.global.ggn = loss          ¦ derive.global.ggn (plus.conf:2): names loss, which is not defined; name one of eta
          derive.global.ggn = etta          ¦ derive.global.ggn (plus.conf:2): names etta, which is not defined; did you mean eta?
          derive.per-sample.values-of = [b0]     ¦ derive.per-sample.values-of (plus.conf:2): names the parameter b0; it takes names from model.define; define an intermediate, or put it in derive.wrt
          derive.per-sample.adjoint-of = [x]     ¦ derive.per-sample.adjoint-of (plus.conf:2): names the tensor x; it takes names from model.define; for derivatives with respect to it, put it in derive.wrt
          derive.per-sample.jacobian-of = [ouput] ¦ derive.per-sample.jacobian-of (plus.conf:2): names ouput, which is not defined; name one of eta, loss
          derive.per-sample.jacobian-of = [eta, eta] ¦ derive.per-sample.jacobian-of (plus.conf:2): names eta twice; name it once
          derive.per-sample.values = true   ¦ derive.per-sample.values (plus.conf:2): is an unknown key; did you mean values-of?
          derive.hessian = full             ¦ derive.hessian (plus.conf:2): is an unknown key; did you mean derive.global.hessian or derive.per-sample.hessian?
          derive.where = b                  ¦ derive.where (plus.conf:2): is an unknown key; did you mean input.where?
          derive.qqqqqqqq = b               ¦ derive.qqqqqqqq (plus.conf:2): is an unknown key; known here: global, per-sample, reduction, wrt
          derive.reduction = median         ¦ derive.reduction (plus.conf:2): must be one of mean | sum, but is the text "median"; did you mean mean?
          precision = single                ¦ precision (plus.conf:2): must be one of double | float, but is the text "single"; take one of these
          device = tpu                      ¦ device (plus.conf:2): must be one of auto | cpu | gpu, but is the text "tpu"; did you mean cpu?
          block-memory = -1                 ¦ block-memory (plus.conf:2): must be a size of at least 1 byte, such as 64m, but is -1; change the value
          block-memmory = 1m                ¦ block-memmory (plus.conf:2): is an unknown key; did you mean block-memory?
          output.path = null                ¦ output.path (plus.conf:2): is null, but needs a value; name the folder to write, as in path = "out/first"
          output.mode = append              ¦ output.mode (plus.conf:2): must be one of error | overwrite | ignore, but is the text "append"; take one of these
          output.format = csv               ¦ output.format (plus.conf:2): must be one of parquet, but is the text "csv"; take one of these
          output.path = "./d.csv"           ¦ output.path (plus.conf:2): is ./d.csv, which holds the input d.csv and would be replaced; write to another folder
          """)
  void refusals(String plus, String line) {
    Given.base(plus).isRefused(line);
  }

  @Test
  void withoutAParameter() {
    Given.base("model.parameters { b0 = null, beta = null }, derive.wrt = null")
        .isRefused(
            "derive.wrt: is missing, and there is no parameter that it could be; declare model.parameters, or name input tensors, as in wrt = [x]");
  }

  @Test
  void namesThatDifferInCaseAloneMakeNoTwoColumns() {
    Given.base("model.define.Eta = y, derive.per-sample.values-of = [eta, Eta]")
        .isRefused(
            "derive.per-sample: makes two columns value_Eta that differ in case alone; rename one of the definitions");
  }

  @Test
  void anOutputAboveTheInputIsRefusedOnAnyFileSystem() {
    Given.base("input.path = \"s3a://b/data/x/*.csv\", output.path = \"s3a://b/data/\"")
        .isRefused(
            "output.path (plus.conf:2): is s3a://b/data/, which holds the input s3a://b/data/x/*.csv and would be replaced; write to another folder");
    assertThat(
            Given.base("input.path = \"s3a://b/data/x/*.csv\", output.path = \"s3a://b/data2\"")
                .decode()
                .output()
                .path())
        .isEqualTo("s3a://b/data2");
  }

  @Test
  void settingsBesidesTheBlocks() {
    RunConfiguration standard = Given.base().decode();
    assertThat(standard.precision()).isEqualTo(Precision.DOUBLE);
    assertThat(standard.device()).isEqualTo(Device.AUTO);
    assertThat(standard.blockMemoryBytes()).isEqualTo(64L << 20);
    assertThat(standard.output())
        .isEqualTo(new OutputConfig("out/t", OutputMode.ERROR, OutputFormat.PARQUET));

    RunConfiguration other =
        Given.base("precision = float, device = gpu, block-memory = 1500kB, output.mode = ignore")
            .decode();
    assertThat(other.precision()).isEqualTo(Precision.FLOAT);
    assertThat(other.device()).isEqualTo(Device.GPU);
    assertThat(other.blockMemoryBytes()).isEqualTo(1_500_000);
    assertThat(other.output().mode()).isEqualTo(OutputMode.IGNORE);
  }
}
