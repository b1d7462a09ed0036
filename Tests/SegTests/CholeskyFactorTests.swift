import Tensor
import TestSupport
import Testing

@testable import Seg

@Suite struct CholeskyFactorTests {
  @Test func `of a matrix worked out by hand`() throws {
    // [2 0; 1 3] times its transpose.
    let factor = try #require(CholeskyFactor([4, 2, 2, 10], size: 2))
    #expect(factor.lower == [2, 0, 1, 3])
    #expect(factor.halfSolved([4, 8]) == [2, 2])
    // 4x + 2y = 8, 2x + 10y = 22.
    #expect(factor.solved([8, 22]) == [1, 2])
  }

  @Test(arguments: [1, 3, 8])
  func `solves, for random matrices`(size: Int) throws {
    var generator = SeededGenerator(seed: UInt64(size))
    let b = (0..<size * size).map { _ in Double(generator.normal()) }
    let a = (0..<size * size).map { place in
      let (row, column) = (place / size, place % size)
      return (0..<size).reduce(row == column ? 0.5 : 0) {
        $0 + b[row * size + $1] * b[column * size + $1]
      }
    }
    let factor = try #require(CholeskyFactor(a, size: size))
    let x = (0..<size).map { _ in Double(generator.normal()) }
    let product = (0..<size).map { row in
      (0..<size).reduce(0) { $0 + a[row * size + $1] * x[$1] }
    }
    expectClose(factor.solved(product), x, absolute: 1e-9, relative: 1e-9)
    // |L⁻¹ b|² is b · A⁻¹ b.
    let length = factor.halfSolved(product).reduce(0) { $0 + $1 * $1 }
    expectClose(length, zip(x, product).reduce(0) { $0 + $1.0 * $1.1 }, absolute: 0, relative: 1e-9)
  }

  @Test func `there is none of what is not positive definite`() {
    #expect(CholeskyFactor([1, 2, 2, 1], size: 2) == nil)
    #expect(CholeskyFactor([0], size: 1) == nil)
    #expect(CholeskyFactor([.nan], size: 1) == nil)
  }

  @Test func `of a covariance that rounding has spoilt, a little more is factored`() {
    let singular = CholeskyFactor([1, 1, 1, 1], size: 2, ridge: 1e-6)
    expectClose(singular.solved([2, 2]), [1, 1], absolute: 1e-3, relative: 0)
    for spoilt in [
      [1, 1.001, 1.001, 1], [-0.5, 0, 0, 2], [0, 0, 0, 0], [.nan, 0, 0, .infinity],
    ] {
      let factor = CholeskyFactor(spoilt, size: 2, ridge: 1e-6)
      #expect(factor.solved([1, 1]).allSatisfy { $0.isFinite })
    }
  }
}
