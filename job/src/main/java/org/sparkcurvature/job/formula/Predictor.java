package org.sparkcurvature.job.formula;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A linear predictor as a formula writes it: a sum of terms, each with coefficients of its own.
 *
 * @param intercept whether it has one
 * @param terms of lower order first, otherwise as they were written; none is there twice
 * @param offsets expressions that are added without a coefficient
 */
public record Predictor(boolean intercept, List<Term> terms, List<String> offsets) {

  /** The predictor that is one number for all rows. */
  public static final Predictor CONSTANT = new Predictor(true, List.of(), List.of());

  /** A product of factors, at least one, of which none is there twice. */
  public record Term(List<Factor> factors) {
    public Term {
      factors = List.copyOf(factors);
    }

    /** The factors' names: terms with the same are the same, whatever the order. */
    public Set<String> key() {
      return factors.stream().map(Factor::label).collect(Collectors.toUnmodifiableSet());
    }

    /** As it was written, {@code idp:lpi}. */
    public String label() {
      return factors.stream().map(Factor::label).collect(Collectors.joining(":"));
    }
  }

  public Predictor {
    terms = List.copyOf(terms);
    offsets = List.copyOf(offsets);
  }

  /** Whether there is a term of exactly these factors; of none: whether there is an intercept. */
  boolean has(Set<String> key) {
    return key.isEmpty() ? intercept : terms.stream().anyMatch(term -> term.key().equals(key));
  }
}
