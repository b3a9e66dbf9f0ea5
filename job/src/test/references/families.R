# Fits by R, and the data sets that come from R: Rscript families.R FOLDER-OF-DATA RESULTS.json
# Packages of Debian: r-cran-mass r-cran-survival r-cran-pscl r-cran-vgam r-cran-ordinal r-cran-sandwich
# r-cran-clubsandwich r-cran-jsonlite.
suppressMessages({
  library(MASS); library(survival); library(pscl); library(nnet); library(VGAM); library(sandwich); library(clubSandwich)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
invisible(Sys.setlocale("LC_COLLATE", "C"))  # levels in the order of code points
options(digits = 17, contrasts = c("contr.treatment", "contr.treatment"))
results <- list()

csv <- function(name) read.csv(file.path(folder, name), check.names = FALSE)
write <- function(data, name) write.csv(data, file.path(folder, name), row.names = FALSE, quote = FALSE)
tight <- glm.control(epsilon = 1e-15, maxit = 200)

# What a fit is compared by: names, estimates, standard errors (of the information that the package uses) and the rest.
keep <- function(name, params, bse, llf = NULL, ...) {
  results[[name]] <<- c(list(names = names(params), params = unname(params), bse = unname(bse), llf = llf), list(...))
}
keep_glm <- function(name, model, likelihood = TRUE) {
  table <- coef(summary(model))
  keep(name, table[, 1], table[, 2], if (likelihood) as.numeric(logLik(model)), deviance = model$deviance,
    null_deviance = model$null.deviance, pearson = sum(residuals(model, "pearson")^2),
    dispersion = summary(model)$dispersion)
}

# Data ----------------------------------------------------------------------------------------------------------------
write(quine, "quine.csv")
write(menarche, "menarche.csv")
write(birthwt, "birthwt.csv")
write(transform(Insurance, Group = as.character(Group), Age = as.character(Age)), "insurance.csv")
write(transform(housing, Sat = as.character(Sat)), "housing.csv")
data(wine, package = "ordinal")
write(wine, "wine.csv")
write(epil[, c("y", "trt", "base", "age", "V4", "subject", "period")], "epil.csv")

# Generalised linear models -------------------------------------------------------------------------------------------
keep_glm("menarche-binomial-logit", glm(cbind(Menarche, Total - Menarche) ~ Age, binomial, menarche, control = tight))
keep_glm("menarche-binomial-probit",
  glm(cbind(Menarche, Total - Menarche) ~ Age, binomial("probit"), menarche, control = tight))
keep_glm("birthwt-binomial-logit",
  glm(low ~ age + lwt + factor(race) + smoke, binomial, birthwt, control = tight))
keep_glm("birthwt-binomial-cauchit",
  glm(low ~ age + lwt + factor(race) + smoke, binomial("cauchit"), birthwt, control = tight))
keep_glm("insurance-poisson-offset", glm(Claims ~ factor(District) + Group + Age + offset(log(Holders)), poisson,
  transform(Insurance, Group = as.character(Group), Age = as.character(Age)), control = tight))
keep_glm("quine-poisson", glm(Days ~ Eth + Sex + Age + Lrn, poisson, quine, control = tight))
keep_glm("quine-quasi-poisson", glm(Days ~ Eth + Sex + Age + Lrn, quasipoisson, quine, control = tight), FALSE)
star98 <- csv("star98-binomial.csv")
keep_glm("star98-quasi-binomial", glm(cbind(nabove, nbelow) ~ lowinc + perasian + perblack + perhisp + avsalk +
  pctchrt, quasibinomial, star98, control = tight), FALSE)
engel <- csv("engel.csv")
keep_glm("engel-gamma-log", glm(foodexp ~ log(income), Gamma("log"), engel, control = tight))
keep_glm("engel-inverse-gaussian-log", glm(foodexp ~ log(income), inverse.gaussian("log"), engel, control = tight))
keep_glm("clotting-gamma", glm(lot1 ~ log(u), Gamma, csv("clotting-gamma-inverse.csv"), control = tight))
keep_glm("clotting-inverse-gaussian",
  glm(lot1 ~ log(u), inverse.gaussian, csv("clotting-gamma-inverse.csv"), control = tight))

# Counts --------------------------------------------------------------------------------------------------------------
nb <- glm.nb(Days ~ Eth + Sex + Age + Lrn, quine, control = glm.control(epsilon = 1e-14, maxit = 500))
table <- coef(summary(nb))
keep("quine-negative-binomial", c(table[, 1], theta = nb$theta), c(table[, 2], nb$SE.theta),
  as.numeric(logLik(nb)), deviance = nb$deviance)
# log(size) = -log(alpha)
v <- vglm(Days ~ Eth + Sex + Age + Lrn, negbinomial(zero = NULL), quine, epsilon = 1e-12, maxit = 200, constraints = list(
  "(Intercept)" = diag(2), Eth = rbind(1, 0), Sex = diag(2), Age = rbind(1, 0), Lrn = rbind(1, 0)))
keep("quine-negative-binomial-alpha", coef(v), sqrt(diag(vcov(v))), as.numeric(logLik(v)))
scientists <- csv("biochem-zip.csv")
scientists$fem <- factor(scientists$fem)
scientists$mar <- factor(scientists$mar)
counts <- function(name, model, theta = NULL, se = NULL)
  keep(name, c(coef(model), log_theta = theta), c(sqrt(diag(vcov(model)))[seq_along(coef(model))], se),
    as.numeric(logLik(model)))
m <- zeroinfl(art ~ fem + mar + kid5 + phd + ment, scientists, dist = "negbin", reltol = 1e-15)
counts("biochem-zinb", m, log(m$theta), m$SE.logtheta)
counts("biochem-zip-all", zeroinfl(art ~ fem + mar + kid5 + phd + ment, scientists, reltol = 1e-15))
counts("biochem-zip-one", zeroinfl(art ~ fem + mar + kid5 + phd + ment | 1, scientists, reltol = 1e-15))
counts("biochem-hurdle-all", hurdle(art ~ fem + mar + kid5 + phd + ment, scientists, reltol = 1e-15))
counts("biochem-hurdle-ment", hurdle(art ~ fem + mar + kid5 + phd + ment | ment, scientists, reltol = 1e-15))

# Durations -----------------------------------------------------------------------------------------------------------
lung <- csv("lung-lognormal.csv")
lung <- lung[!is.na(lung$ph.ecog), ]
precise <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
durations <- function(name, model) {
  table <- summary(model)$table
  keep(name, setNames(table[, 1], rownames(table)), table[, 2], model$loglik[2], llnull = model$loglik[1],
    scale = unname(model$scale))
}
for (distribution in c("exponential", "weibull", "loglogistic", "lognormal"))
  durations(paste0("lung-", distribution, if (distribution == "lognormal") "-all"), survreg(
    Surv(time, event) ~ age + factor(sex) + ph.ecog, lung, dist = distribution, control = precise))
durations("lung-weibull-strata", survreg(
  Surv(time, event) ~ age + factor(sex) + ph.ecog + strata(sex), lung, dist = "weibull", control = precise))
# Visits every 100 days: what happens before the first is censored on the left, between two in the interval; deaths after
# day 600 are known to the day.
lung$lower <- ifelse(lung$event == 0 | lung$time > 600, lung$time, 100 * floor(lung$time / 100))
lung$upper <- ifelse(lung$event == 0, NA, ifelse(lung$time > 600, lung$time, 100 * floor(lung$time / 100) + 100))
lung$lower[lung$event == 1 & lung$lower == 0] <- NA
write.csv(lung[, c("lower", "upper", "age", "sex", "ph.ecog")], file.path(folder, "lung-interval.csv"),
  row.names = FALSE, quote = FALSE, na = "")
for (distribution in c("exponential", "weibull", "loglogistic", "lognormal"))
  durations(paste0("lung-interval-", distribution), survreg(Surv(lower, upper, type = "interval2") ~ age +
    factor(sex) + ph.ecog, lung, dist = distribution, control = precise))

# Ordered responses ---------------------------------------------------------------------------------------------------
ordered_fit <- function(name, model) {
  table <- coef(summary(model))
  keep(name, table[, 1], table[, 2], as.numeric(logLik(model)))
}
for (link in c("logit", "probit", "cloglog"))
  ordered_fit(paste0("wine-ordered-", link), polr(rating ~ temp + contact, wine, Hess = TRUE,
    method = if (link == "logit") "logistic" else link, control = list(reltol = 1e-15)))
ordered_fit("housing-ordered-probit", polr(factor(Sat, c("Low", "Medium", "High")) ~ factor(as.character(Infl)) +
  factor(as.character(Type)) + factor(as.character(Cont)), housing, weights = Freq, method = "probit", Hess = TRUE,
  control = list(reltol = 1e-15)))

m <- nnet::multinom(as.character(Sat) ~ as.character(Infl) + as.character(Type) + as.character(Cont), housing,
  weights = Freq, Hess = TRUE, reltol = 1e-15, abstol = 1e-12, maxit = 1000, trace = FALSE)
keep("housing-multinomial", c(t(coef(m))), c(t(summary(m)$standard.errors)), as.numeric(logLik(m)))

# Location and scale --------------------------------------------------------------------------------------------------
v <- vglm(foodexp ~ income + log(income), uninormal(zero = NULL), engel, epsilon = 1e-13, maxit = 200,
  constraints = list("(Intercept)" = diag(2), income = rbind(1, 0), "log(income)" = rbind(0, 1)))
keep("engel-gaussian-sigma", coef(v), sqrt(diag(vcov(v))), as.numeric(logLik(v)))
v <- vglm(foodexp / income ~ log(income), betaff(zero = 2), engel, epsilon = 1e-13, maxit = 200)
keep("engel-beta", coef(v), sqrt(diag(vcov(v))), as.numeric(logLik(v)))
v <- vglm(foodexp / income ~ log(income), betaff(zero = NULL), engel, epsilon = 1e-13, maxit = 200)
keep("engel-beta-phi", coef(v), sqrt(diag(vcov(v))), as.numeric(logLik(v)))

# Covariances that are robust -----------------------------------------------------------------------------------------
robust <- function(name, model, groups, second) {
  se <- function(v) unname(sqrt(diag(v)))
  both <- data.frame(groups, second)
  results[[name]] <<- c(
    list(names = names(coef(model)), params = unname(coef(model)), leverage = unname(hatvalues(model))),
    sapply(c("HC0", "HC1", "HC2", "HC3"), function(t) se(vcovHC(model, type = t)), simplify = FALSE),
    sapply(c("CR0", "CR1", "CR1S", "CR2"), function(t) se(vcovCR(model, cluster = groups, type = t)), simplify = FALSE),
    list(cluster = se(vcovCL(model, cluster = groups, type = "HC1")),
      cluster_none = se(vcovCL(model, cluster = groups, type = "HC0", cadjust = FALSE)),
      two_way = se(vcovCL(model, cluster = both, type = "HC1")),
      two_way_none = se(vcovCL(model, cluster = both, type = "HC0", cadjust = FALSE))))
}
grunfeld <- csv("grunfeld.csv")
robust("grunfeld-gaussian-robust", lm(invest ~ value + capital, grunfeld), grunfeld$firm, grunfeld$year)
seizures <- csv("epil.csv")
robust("epil-poisson-robust", glm(y ~ log(base) * trt + age + V4, poisson, seizures, control = tight), seizures$subject,
  seizures$period)

# Predictions, residuals, tests, profiles -----------------------------------------------------------------------------
for (case in list(
  list("quine-poisson", glm(Days ~ Eth + Sex + Age + Lrn, poisson, quine, control = tight)),
  list("birthwt-binomial-logit", glm(low ~ factor(race) + age + lwt + smoke, binomial, birthwt, control = tight)),
  list("menarche-binomial-probit",
    glm(cbind(Menarche, Total - Menarche) ~ Age, binomial("probit"), menarche, control = tight)),
  list("engel-gamma-log", glm(foodexp ~ log(income), Gamma("log"), engel, control = tight)),
  list("engel-inverse-gaussian-log", glm(foodexp ~ log(income), inverse.gaussian("log"), engel, control = tight)),
  list("star98-quasi-binomial", glm(cbind(nabove, nbelow) ~ lowinc + perasian + perblack + perhisp + avsalk + pctchrt,
    quasibinomial, star98, control = tight)),
  list("quine-negative-binomial", nb))) {
  link <- predict(case[[2]], type = "link", se.fit = TRUE)
  results[[paste0(case[[1]], "-rows")]] <- c(
    list(link = unname(link$fit), link_std_error = unname(link$se.fit), mean = unname(fitted(case[[2]]))),
    sapply(c("response", "pearson", "deviance", "working"), function(t) unname(residuals(case[[2]], t)), simplify = FALSE))
}
compared <- function(name, small, large) {
  table <- anova(small, large, test = "Rao")
  results[[name]] <<- list(df = table$Df[2], likelihood_ratio = table$Deviance[2], score = table$Rao[2],
    aic = c(AIC(small), AIC(large)), bic = c(BIC(small), BIC(large)))
}
compared("quine-poisson-tests", glm(Days ~ Eth + Sex, poisson, quine, control = tight),
  glm(Days ~ Eth + Sex + Age + Lrn, poisson, quine, control = tight))
compared("birthwt-binomial-logit-tests", glm(low ~ age + lwt + smoke, binomial, birthwt, control = tight),
  glm(low ~ factor(race) + age + lwt + smoke, binomial, birthwt, control = tight))
for (case in list(
  list("quine-poisson", glm(Days ~ Eth + Sex + Age + Lrn, poisson, quine, control = tight)),
  list("birthwt-binomial-logit", glm(low ~ factor(race) + age + lwt + smoke, binomial, birthwt, control = tight)))) {
  limits <- suppressMessages(confint(case[[2]]))
  results[[paste0(case[[1]], "-profile")]] <- list(low = unname(limits[, 1]), high = unname(limits[, 2]))
}

write_json(results, arguments[2], digits = I(17), auto_unbox = FALSE, na = "null", null = "null")
