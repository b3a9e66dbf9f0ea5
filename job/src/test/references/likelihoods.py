"""Log-densities of the families, one row each, written with JAX from the textbook formulas.

A function takes the values of the linear predictors (arrays [n], by name), the scalars by name and the response, and gives
log-densities [n]. Parametrisations are those of the configuration: ln T = eta + scale e for durations, variance
mu + alpha mu^2 for the negative binomial, mean and precision phi for beta.
"""

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln, log_ndtr, xlogy

jax.config.update("jax_enable_x64", True)

HALF_LOG_2_PI = 0.5 * jnp.log(2 * jnp.pi)


def log1mexp(x):
    """ln(1 - exp(-x)) for x > 0 (Maechler 2012)."""
    return jnp.where(x < 0.693, jnp.log(-jnp.expm1(-jnp.minimum(x, 1.0))), jnp.log1p(-jnp.exp(-jnp.maximum(x, 0.5))))


# Links: the logarithms of the probability and of its complement.
BINARY = {
    "logit": lambda e: (jax.nn.log_sigmoid(e), jax.nn.log_sigmoid(-e)),
    "probit": lambda e: (log_ndtr(e), log_ndtr(-e)),
    "cloglog": lambda e: (log1mexp(jnp.exp(e)), -jnp.exp(e)),
    "cauchit": lambda e: (jnp.log(0.5 + jnp.arctan(e) / jnp.pi), jnp.log(0.5 - jnp.arctan(e) / jnp.pi)),
}


def binomial(eta, y, n, link="logit"):
    log_p, log_q = BINARY[link](eta)
    return y * log_p + (n - y) * log_q + gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)


def poisson(log_mu, y):
    return y * log_mu - jnp.exp(log_mu) - gammaln(y + 1)


def negative_binomial(log_mu, alpha, y):
    r = 1 / alpha
    log_ratio = log_mu + jnp.log(alpha)  # ln(mu / r)
    return (gammaln(y + r) - gammaln(r) - gammaln(y + 1)
            + y * jax.nn.log_sigmoid(log_ratio) + r * jax.nn.log_sigmoid(-log_ratio))


def zero_inflated(eta_zero, density_at_zero, density, y):
    log_zero, log_other = BINARY["logit"](eta_zero)
    return jnp.where(y == 0, jnp.logaddexp(log_zero, log_other + density_at_zero), log_other + density)


def hurdle(eta_positive, density_at_zero, density, y):
    """eta_positive: the logit of a count above zero."""
    log_positive, log_zero = BINARY["logit"](eta_positive)
    return jnp.where(y == 0, log_zero, log_positive + density - log1mexp(-density_at_zero))


def gaussian(mu, log_sigma, y):
    return -0.5 * ((y - mu) * jnp.exp(-log_sigma)) ** 2 - log_sigma - HALF_LOG_2_PI


def student_t(mu, scale, df, y):
    e = (y - mu) / scale
    return (gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * jnp.log(df * jnp.pi) - jnp.log(scale)
            - 0.5 * (df + 1) * jnp.log1p(e * e / df))


def beta(eta, phi, y):
    mu = jax.nn.sigmoid(eta)
    return (gammaln(phi) - gammaln(mu * phi) - gammaln((1 - mu) * phi)
            + (mu * phi - 1) * jnp.log(y) + ((1 - mu) * phi - 1) * jnp.log1p(-y))


# Durations: log-density, log-survival and log-distribution of e.
DURATIONS = {
    "weibull": (lambda e: e - jnp.exp(e), lambda e: -jnp.exp(e), lambda e: log1mexp(jnp.exp(e))),
    "loglogistic": (lambda e: jax.nn.log_sigmoid(e) + jax.nn.log_sigmoid(-e),
                    lambda e: jax.nn.log_sigmoid(-e), lambda e: jax.nn.log_sigmoid(e)),
    "lognormal": (lambda e: -0.5 * e * e - HALF_LOG_2_PI, lambda e: log_ndtr(-e), log_ndtr),
}
DURATIONS["exponential"] = DURATIONS["weibull"]


def duration(distribution, eta, scale, lower, upper):
    """Density of T, not of ln T, where lower = upper; lower 0: censored on the left, upper infinite: on the right."""
    density, survival, cdf = DURATIONS[distribution]
    exact, left, right = lower == upper, lower == 0, jnp.isinf(upper)
    interval = ~(exact | left | right)
    low = (jnp.log(jnp.where(left, 1.0, lower)) - eta) / scale
    high = (jnp.log(jnp.where(right, 1.0, upper)) - eta) / scale
    high_apart = jnp.where(interval, high, low + 1)
    between = survival(low) + log1mexp(survival(low) - survival(high_apart))
    return jnp.select(
        [exact, left, right],
        [density(low) - jnp.log(scale) - jnp.log(jnp.where(exact, lower, 1.0)), cdf(high), survival(low)], between)


def multinomial(etas, code):
    """etas [n, levels - 1], code 0 for the reference."""
    full = jnp.concatenate([jnp.zeros((etas.shape[0], 1)), etas], axis=1)
    return jnp.take_along_axis(jax.nn.log_softmax(full, axis=1), code[:, None], axis=1)[:, 0]


def ordered(eta, thresholds, code, link="logit"):
    """P(y <= j) = F(thresholds[j] - eta)."""
    last = thresholds.shape[0]
    upper = thresholds[jnp.minimum(code, last - 1)] - eta
    lower = thresholds[jnp.maximum(code - 1, 0)] - eta
    first, end = code == 0, code == last
    lower_apart = jnp.where(first | end, upper - 1, lower)
    log_cdf_upper, log_sf_upper = BINARY[link](upper)
    log_cdf_lower, log_sf_lower = BINARY[link](lower)
    apart_cdf, apart_sf = BINARY[link](lower_apart)
    # The difference of the tails that are small.
    by_cdf = log_cdf_upper + log1mexp(jnp.where(upper > lower_apart, log_cdf_upper - apart_cdf, 1.0))
    by_sf = apart_sf + log1mexp(jnp.where(upper > lower_apart, apart_sf - log_sf_upper, 1.0))
    middle = jnp.where(lower_apart > 0, by_sf, by_cdf)
    middle = jnp.where(upper > lower_apart, middle, -jnp.inf)  # thresholds out of order
    return jnp.select([first, end], [log_cdf_upper, log_sf_lower], middle)


# Quasi-likelihoods per unit of dispersion, as functions of mu.
QUASI = {
    "gaussian": lambda mu, y: -0.5 * (y - mu) ** 2,
    "gamma": lambda mu, y: -y / mu - jnp.log(mu),
    "inverse-gaussian": lambda mu, y: -0.5 * (y - mu) ** 2 / (mu * mu * y),
    "poisson": lambda mu, y: y * jnp.log(mu) - mu,
}
VARIANCE = {"gaussian": lambda mu: jnp.ones_like(mu), "gamma": lambda mu: mu**2, "inverse-gaussian": lambda mu: mu**3,
            "poisson": lambda mu: mu}
# Twice the quasi-likelihood at the response itself minus that at mu, one row.
DEVIANCE = {
    "gaussian": lambda mu, y: (y - mu) ** 2,
    "gamma": lambda mu, y: 2 * (y / mu - 1 - jnp.log(y / mu)),
    "inverse-gaussian": lambda mu, y: (y - mu) ** 2 / (mu * mu * y),
    "poisson": lambda mu, y: 2 * (xlogy(y, y / mu) - y + mu),
}


def full_log_likelihood(family, mu, y, phi):
    """Of a family with dispersion phi."""
    if family == "gaussian":
        return -0.5 * ((y - mu) ** 2 / phi + jnp.log(2 * jnp.pi * phi))
    if family == "gamma":
        return (1 / phi - 1) * jnp.log(y) - y / (mu * phi) - jnp.log(mu * phi) / phi - gammaln(1 / phi)
    if family == "inverse-gaussian":
        return -0.5 * (jnp.log(2 * jnp.pi * phi) + 3 * jnp.log(y) + (y - mu) ** 2 / (mu * mu * y * phi))
    raise ValueError(family)
