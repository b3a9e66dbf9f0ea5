package org.sparkcurvature.job.fit

import breeze.linalg.{DenseVector, norm}
import breeze.optimize.{DiffFunction, FirstOrderMinimizer, LBFGS, OWLQN}
import java.util.function.ToDoubleBiFunction
import scala.jdk.CollectionConverters._

/**
 * Breeze's L-BFGS and OWL-QN, one step after the other. In Scala because javac cannot implement
 * Breeze's `DiffFunction`, which has two methods `apply` of unrelated results.
 *
 * @param function
 *   receives a point and an array for the gradient there, and returns the value; infinite where
 *   there is none
 * @param l1
 *   of each element, the factor of its absolute value; empty for none
 * @param memory
 *   how many pairs of steps and changes of the gradient are kept
 * @param points
 *   the last points, at most one more than `memory`, the latest last; at least one
 * @param gradients
 *   of the function at those points; that of the only one is not looked at
 * @param iteration
 *   how many steps are behind
 */
final class BreezeSteps(
    function: ToDoubleBiFunction[Array[Double], Array[Double]],
    l1: Array[Double],
    memory: Int,
    points: java.util.List[Array[Double]],
    gradients: java.util.List[Array[Double]],
    iteration: Int) {

  private type Vector = DenseVector[Double]
  private type Minimizer = FirstOrderMinimizer[Vector, DiffFunction[Vector]]

  private val objective: DiffFunction[Vector] = new DiffFunction[Vector] {
    override def calculate(x: Vector): (Double, Vector) = {
      val gradient = new Array[Double](x.length)
      val value = function.applyAsDouble(x.toArray, gradient)
      (value, DenseVector(gradient))
    }
  }.cached

  // The caller says when it is enough.
  private val endless = FirstOrderMinimizer.maxIterationsReached[Vector](-1)

  private class Plain extends LBFGS[Vector](endless, memory) {
    def begin(x: Vector): State = {
      val first = initialState(objective, x)
      val pairs = points.asScala.zip(gradients.asScala).toIndexedSeq
      val history = pairs.zip(pairs.drop(1)).foldLeft(first.history) { case (known, ((x0, g0), (x1, g1))) =>
        known.updated(DenseVector(x1) - DenseVector(x0), DenseVector(g1) - DenseVector(g0))
      }
      first.copy(history = history, iter = iteration)
    }
  }

  private class Orthant extends OWLQN[Int, Vector](endless, memory, (i: Int) => l1(i)) {
    def begin(x: Vector): State = {
      val first = initialState(objective, x)
      val pairs = points.asScala.zip(gradients.asScala).toIndexedSeq
      val history = pairs.zip(pairs.drop(1)).foldLeft(first.history) { case (known, ((x0, g0), (x1, g1))) =>
        known.updated(DenseVector(x1) - DenseVector(x0), DenseVector(g1) - DenseVector(g0))
      }
      first.copy(history = history, iter = iteration)
    }
  }

  private val start = DenseVector(points.get(points.size - 1).clone)

  private val states =
    if (l1.isEmpty) {
      val minimizer = new Plain
      minimizer.infiniteIterations(objective, minimizer.begin(start))
    } else {
      val minimizer = new Orthant
      minimizer.infiniteIterations(objective, minimizer.begin(start))
    }

  private var state = states.next()

  /** Takes one step; false if none lowers the value. */
  def advance(): Boolean = {
    val next = states.next()
    if (next.searchFailed) {
      false
    } else {
      state = next
      true
    }
  }

  /** The point. */
  def x: Array[Double] = state.x.toArray

  /** The function's value, an l1 penalty included. */
  def value: Double = state.adjustedValue

  /** The function's gradient, without l1. */
  def gradient: Array[Double] = state.grad.toArray

  /** What vanishes at a minimum: with l1 the subgradient of least norm. */
  def subgradient: Array[Double] = state.adjustedGradient.toArray

  /** By how much the quasi-Newton model expects the value to fall. */
  def expectedDecrease: Double = {
    val history = state.history
    0.5 * (state.adjustedGradient dot (history * state.adjustedGradient))
  }
}
