package org.sparkcurvature.job.language;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What to write here for functions as SQL, NumPy, SciPy, PyTorch and R know them: by another name,
 * by another number of arguments, or by an expression.
 */
final class ForeignFunctions {
  private ForeignFunctions() {}

  // spotless:off
  private static final Map<String, String> BY_NAME = table("""
      avg, average                          | mean(v)
      power                                 | pow(a, b)
      maximum, fmax, pmax                   | greatest(a, b)
      minimum, fmin, pmin                   | least(a, b)
      norm, l2norm                          | norm2(v)
      hypot                                 | norm2(concat(a, b))
      norm1, l1norm                         | sum(abs(v))
      norminf                               | max(abs(v))
      logistic, expit, inv_logit, plogis    | sigmoid(a)
      logsigmoid, log_expit, log_inv_logit  | log_sigmoid(a)
      lse, log_sum_exp                      | logsumexp(v)
      log_add_exp                           | logaddexp(a, b)
      inner, vdot, inner_product            | dot(a, b)
      mv, mm, bmm                           | matmul(A, x)
      einsum, tensordot                     | a product: dot(a, b), matmul(A, x) or outer(a, b), with transpose(A) and reshape(v, n, m)
      swish                                 | silu(a)
      gammaln, loggamma, lgammafn           | lgamma(a)
      gamma, tgamma                         | exp(lgamma(a)); in a log-likelihood lgamma(a) alone
      factorial                             | exp(lgamma(n + 1)); in a log-likelihood lgamma(n + 1)
      lfactorial, log_factorial             | lgamma(n + 1)
      betaln, logbeta, log_beta             | lbeta(a, b)
      beta_function, betafn                 | exp(lbeta(a, b))
      lchoose, log_choose, log_comb         | -lbeta(n - k + 1, k + 1) - log1p(n)
      choose, comb, binom                   | exp(-lbeta(n - k + 1, k + 1) - log1p(n))
      rising_factorial, poch, log_pochhammer | log_rising(a, n)
      qlogis                                | logit(p)
      boxcox                                | box_cox(x, lambda)
      arctan2                               | atan2(y, x)
      arcsin, arccos, arctan                | asin(a), acos(a), atan(a)
      erf_inv, inverse_erf                  | erfinv(a)
      log_erf_c, logerfc                    | log_erfc(a)
      psi                                   | digamma(a)
      polygamma                             | digamma(a) and trigamma(a)
      signum                                | sign(a)
      clamp                                 | clip(a, low, high)
      ndtr, pnorm, phi, std_normal_cdf      | normal_cdf(a)
      log_ndtr, normal_lcdf, std_normal_lcdf| normal_log_cdf(a)
      pdf, dnorm, normal_pdf                | exp(-square(z) / 2) / sqrt(2 * pi())
      logpdf, normal_lpdf                   | -square(z) / 2 - ln(2 * pi()) / 2
      cdist                                 | norm2(a - b)
      var, variance, var_pop                | mean(square(v - mean(v)))
      std, stddev, sd, std_pop              | sqrt(mean(square(v - mean(v))))
      mse, mse_loss, squared_error          | square(y - eta)
      mae, l1_loss                          | abs(y - eta), or huber(y - eta, delta), which has second derivatives
      smooth_l1, smooth_l1_loss, huber_loss | huber(r, delta)
      pinball_loss, quantile_loss, check_loss | pinball(r, tau)
      bce, bcewithlogits, binary_crossentropy | binary_cross_entropy(z, y), z on the scale of logits
      nll_loss, nll, crossentropy, softmax_cross_entropy | cross_entropy(z, y), z on the scale of logits
      coalesce, nvl, ifnull                 | CASE WHEN; rows with null never reach the loss
      iif, ifelse, if_else, cond            | IF(condition, a, b)
      mod, fmod, remainder                  | nothing for it: compute it in the tensor's own expression, in input.tensors
      ceil, ceiling                         | -floor(-a); its derivative is 0
      rint                                  | round(a); its derivative is 0
      trunc                                 | sign(a) * floor(abs(a)); its derivative is 0
      isnan, isfinite, isnull               | nothing for it: rows with null or NaN never reach the loss
      vstack, hstack, cat, stack, array, c  | concat(a, b, ...)
      t                                     | transpose(A)
      flatten, ravel                        | reshape(A, n)
      size, length, len, shape, cardinality | the number itself: shapes are fixed
      element_at, take, gather, embedding   | z[i]
      onehot, one_hot_encoding              | one_hot(y, k)
      inv, matinv, ginv                     | inverse(A); times a vector solve(A, b)
      det, determinant                      | exp(logdet(A)) of a symmetric positive definite A
      slogdet, logabsdet, log_determinant   | logdet(A) of a symmetric positive definite A
      chol                                  | cholesky(A), which is lower triangular
      linsolve, lu_solve, cho_solve, mdivide_left | solve(A, b)
      tr                                    | trace(A)
      identity, identity_matrix             | eye(n)
      diagonal, diag_matrix                 | diag(v)
      pinv                                  | nothing for it
      heaviside, step                       | IF(a > 0, 1, 0)
      relu6                                 | clip(a, 0, 6)
      mish                                  | a * tanh(softplus(a))
      logcosh, log_cosh                     | logaddexp(a, -a) - ln(2)
      """);

  private static final Map<String, String> BY_ARGUMENTS = table("""
      max/2   | greatest(a, b) is the larger of two; max(v) is over the elements of one
      min/2   | least(a, b) is the smaller of two; min(v) is over the elements of one
      log/2   | log(a) is the natural logarithm; there are log2(a) and log10(a), and log(a) / log(b) for another base
      ln/2    | ln(a) is the natural logarithm; there are log2(a) and log10(a), and ln(a) / ln(b) for another base
      sum/2   | a + b adds two; sum(v) is over the elements of one, sum(v, axis => 0) along an axis
      mean/2  | (a + b) / 2 is of two; mean(v) is over the elements of one, mean(v, axis => 0) along an axis
      norm2/2 | norm2(concat(a, b)), or norm2(a - b) for a distance
      dot/1   | dot(a, a), or sum(square(a))
      softmax/2 | softmax(v, axis => 0)
      cumsum/2  | cumsum(v, axis => 0)
      abs/2   | abs(a - b)
      """);
  // spotless:on

  private static Map<String, String> table(String text) {
    return text.lines()
        .map(line -> line.split("\\|", 2))
        .flatMap(
            row ->
                Stream.of(row[0].split(","))
                    .map(name -> new String[] {name.strip(), row[1].strip()}))
        .collect(Collectors.toUnmodifiableMap(row -> row[0], row -> row[1]));
  }

  /** All that is advised, for the test that it can be written. */
  static List<String> remedies() {
    return Stream.of(BY_NAME, BY_ARGUMENTS).flatMap(table -> table.values().stream()).toList();
  }

  /** What to write for a function that there is not; empty where nothing is known of it. */
  static Optional<String> remedy(String function) {
    return Optional.ofNullable(BY_NAME.get(plain(function)))
        .or(() -> Optional.ofNullable(BY_NAME.get(plain(function).replace("_", ""))))
        .map(here -> here.startsWith("nothing for it") ? "there is " + here : "here it is " + here);
  }

  /** What to write for a function that takes another number of arguments; empty where it may. */
  static Optional<String> remedy(String function, int arguments) {
    return Optional.ofNullable(BY_ARGUMENTS.get(function + "/" + arguments));
  }

  /** np.log, torch.log and the like are log. */
  private static String plain(String function) {
    String lower = function.toLowerCase(Locale.ROOT);
    return lower.substring(lower.lastIndexOf('.') + 1);
  }
}
