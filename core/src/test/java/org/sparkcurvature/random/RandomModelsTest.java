package org.sparkcurvature.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sparkcurvature.ops.FunctionRegistry;

/** The engine against an interpreter that shares nothing with it, on models made at random. */
class RandomModelsTest {
  private static final int MODELS = 1000;

  @Test
  void theEngineAgreesWithTheInterpreter() {
    assertThat(RandomModels.failures(1, MODELS)).isEmpty();
  }

  /**
   * A function of the language that the interpreter does not know is missing here: an elementwise
   * one gets a row in the rules' table of tests, any other one an entry in {@link Interpreter}, in
   * {@link Shapes} and in {@link ModelGenerator}.
   */
  @Test
  void everyFunctionCanBeInterpreted() {
    assertThat(Interpreter.functions()).containsAll(FunctionRegistry.names());
  }
}
