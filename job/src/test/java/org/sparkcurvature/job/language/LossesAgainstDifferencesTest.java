package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.verify.FiniteDifferences;
import org.sparkcurvature.verify.FiniteDifferences.Comparison;
import org.sparkcurvature.verify.FiniteDifferences.Report;
import org.sparkcurvature.verify.FiniteDifferences.Settings;
import org.sparkcurvature.verify.FiniteDifferences.Verdict;

/**
 * From the text of a loss to its derivatives: gradient, Hessian and sums of whole losses, by
 * parameters and by inputs.
 */
class LossesAgainstDifferencesTest {
  private static final Map<String, Shape> TENSORS = new LinkedHashMap<>();
  private static final Map<String, Shape> PARAMETERS = new LinkedHashMap<>();
  private static final int ROWS = 4;

  static {
    TENSORS.put("x", Shape.of(3));
    TENSORS.put("y", Shape.SCALAR);
    TENSORS.put("k", Shape.SCALAR);
    TENSORS.put("A", Shape.of(2, 3));
    PARAMETERS.put("beta", Shape.of(3));
    PARAMETERS.put("b0", Shape.SCALAR);
    PARAMETERS.put("W", Shape.of(4, 3));
    PARAMETERS.put("V", Shape.of(2, 4));
    PARAMETERS.put("c", Shape.of(4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "square(y - dot(x, beta))",
        "exp(b0 + dot(x, beta)) - y * (b0 + dot(x, beta))",
        "softplus(b0 + dot(x, beta)) - y * (b0 + dot(x, beta))",
        "logsumexp(matmul(W, x) + c) - (matmul(W, x) + c)[k]",
        "cross_entropy(matmul(W, x) + c, k)",
        "binary_cross_entropy(dot(x, beta), y)",
        "sum(square(matmul(V, tanh(matmul(W, x) + c))))",
        "mean(square(matmul(A, beta) - matmul(V, c)))",
        "dot(matmul(A, beta), matmul(V, softmax(matmul(W, x))))",
        "sum(matmul(A, transpose(matmul(V, W))))",
        "sum(square(matmul(matmul(V, W), x)))",
        "norm2(matmul(W, x) + c) * exp(b0)",
        "0.5 * exp(-b0) * square(y - dot(x, beta)) + 0.5 * b0",
        "lgamma(y * y + exp(b0)) - digamma(2 + square(dot(x, beta)))",
        "CASE WHEN dot(x, beta) > 0 THEN exp(b0 * y) ELSE square(b0 - dot(x, beta)) END",
        "IF(k BETWEEN 1 AND 2, pow(1 + square(b0), y), beta[0] * beta[1] * beta[2])",
        "IF(k IN (0, 3), b0 / (1 + square(beta[1])), W[k][0] * c[k])",
        "log_softmax(matmul(W, x))[k] * square(beta[k - CASE WHEN k > 2 THEN 1 ELSE 0 END])",
        "sum(cumsum(beta) * x) + prod(beta)",
        "prod(concat(b0, beta, y))",
        "max(W) + min(c) + greatest(b0, y, beta[0]) + least(beta[1], beta[2])",
        "sum(max(W, axis => 1) * c) + sum(min(W, axis => 0) * x)",
        "sum(logsumexp(W, axis => 1) * c)",
        "sum(softmax(W, axis => 0) * outer(c, x))",
        "sum(log_softmax(outer(c, x)) * W)",
        "dot(slice(c, 1, 3), x) * sum(slice(W, 1, 2))",
        "sum(reshape(W, 3, 4) * transpose(W)) + dot(reshape(A, 6), concat(beta, x))",
        "dot(one_hot(k, 4), square(c)) + sum(W[k] * beta)",
        "huber(y - dot(x, beta), 0.3) + log_diff_exp(3 + b0, y) + log1mexp(-exp(b0))",
        "logaddexp(b0, dot(x, beta)) + normal_log_cdf(y - b0) * normal_cdf(beta[0])",
        "sum(erf(matmul(W, x))) * erfc(b0) + gelu(dot(x, beta)) + silu(b0) + elu(beta[0])",
        "sum(sigmoid(c)) * log_sigmoid(dot(x, beta)) + relu(b0) + leaky_relu(beta[2], 0.2)",
        "sin(b0) * cos(beta[0]) + tan(beta[1] / 4) + atan(beta[2]) + asin(tanh(b0)) + acos(tanh(y))",
        "sinh(b0) * cosh(beta[0]) + asinh(beta[1]) + acosh(2 + square(b0)) + atanh(tanh(beta[2]) / 2)",
        "expm1(b0) * log1p(square(beta[0])) + log2(2 + square(b0)) + log10(3 + y * y) + cbrt(4 + b0)",
        "sqrt(1 + sum(square(W))) * abs(b0) * sign(y) + clip(beta[0], -0.2, 0.2)",
        "square(b0) * square(b0) / (1 + dot(beta, beta)) + dot(beta, beta) * dot(x, x)",
        "dot(matmul(W, x), matmul(W, x)) + dot(matmul(W, beta), c)",
        "tanh(b0 + tanh(b0 + tanh(b0 * y)))",
        "mean(matmul(W, matmul(transpose(W), c)))",
        "sum(matmul(outer(c, beta), x) * matmul(W, x))",
        "norm2(x - beta) + norm2(W) + sum(norm2(W, axis => 1))",
        "dot(c, tanh(matmul(W, x))) * dot(c, matmul(W, tanh(x)))",
        "b0",
        "y",
        "3"
      })
  void derivativesOfWholeLosses(String loss) {
    Model model =
        LossModel.parse(TENSORS.keySet(), PARAMETERS.keySet(), Map.of(), loss, Optional.empty())
            .compile(TENSORS, PARAMETERS)
            .loss();
    check(model, List.copyOf(PARAMETERS.keySet()), ALL);
    check(model, List.of("x", "A"), Request.Global.NONE);
    check(model, List.of("beta", "x", "W"), Request.Global.NONE);
  }

  private static final Request.Global ALL =
      Request.Global.NONE.withValue().withGradient().withHessian().withOpg();

  private static void check(Model model, List<String> wrt, Request.Global global) {
    Random random = new Random(3);
    Map<String, double[]> parameters = new LinkedHashMap<>();
    PARAMETERS.forEach((name, shape) -> parameters.put(name, gaussian(random, shape.size())));
    Map<String, double[]> inputs = new LinkedHashMap<>();
    TENSORS.forEach((name, shape) -> inputs.put(name, gaussian(random, ROWS * shape.size())));
    inputs.put("k", new double[] {0, 1, 2, 3});
    Request request = Request.by(wrt).withSums(global);
    Report report =
        FiniteDifferences.compare(
            new DerivativeSpec(model, request, Precision.DOUBLE, 1 << 22),
            parameters,
            inputs,
            ROWS,
            Settings.DEFAULT);
    List<Comparison> wrong = new ArrayList<>(report.comparisons());
    wrong.removeIf(c -> c.verdict() == Verdict.AGREES);
    assertThat(wrong).isEmpty();
    assertThat(report.omitted()).isEmpty();
  }

  private static double[] gaussian(Random random, int size) {
    return random.doubles(size, -0.9, 0.9).toArray();
  }
}
