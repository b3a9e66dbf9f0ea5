package org.sparkcurvature.job.infer;

import java.util.List;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Covariances of what an inference is about, to first order. */
public interface Covariances {

  /** Of the parameters that are told of, on their natural scale, one after the other. */
  SymmetricMatrix told();

  /** Of functions of the parameters, by the delta method: of all their elements. */
  SymmetricMatrix functions(List<String> names);
}
