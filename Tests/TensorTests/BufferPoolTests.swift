import Testing

@testable import Tensor

@Suite struct BufferPoolTests {
  private func address(_ pool: BufferPool, count: Int) -> UInt? {
    pool.take(count: count).map { UInt(bitPattern: $0.elements) }
  }

  private func give(_ pool: BufferPool, capacity: Int) -> UInt {
    let elements = BufferPool.allocate(count: capacity)
    pool.give(elements, capacity: capacity)
    return UInt(bitPattern: elements)
  }

  @Test func theSmallestThatIsLargeEnoughIsTaken() {
    let pool = BufferPool(limit: 1 << 20)
    let larger = give(pool, capacity: 12_000)
    let fitting = give(pool, capacity: 10_500)
    _ = give(pool, capacity: 9_999)
    #expect(address(pool, count: 10_000) == fitting)
    #expect(address(pool, count: 10_000) == larger)
    #expect(address(pool, count: 10_000) == nil)
  }

  @Test func memoryMuchLargerStaysForWhatNeedsIt() {
    let pool = BufferPool(limit: 1 << 20)
    let large = give(pool, capacity: 20_000)
    #expect(address(pool, count: 15_999) == nil)
    #expect(address(pool, count: 16_000) == large)
  }

  @Test func beyondTheLimitTheLongestUnusedGoes() {
    let pool = BufferPool(limit: 100_000)
    _ = give(pool, capacity: 10_000)
    let second = give(pool, capacity: 5_000)
    let third = give(pool, capacity: 12_000)
    #expect(address(pool, count: 10_000) == third)
    #expect(address(pool, count: 5_000) == second)
    #expect(pool.take(count: 9_000) == nil)
  }

  @Test func whatIsSmallOrAboveTheLimitIsNotKept() {
    let pool = BufferPool(limit: 100_000)
    _ = give(pool, capacity: 1_000)
    _ = give(pool, capacity: 30_000)
    #expect(address(pool, count: 1_000) == nil)
    #expect(address(pool, count: 30_000) == nil)
  }

  /// A tensor in memory of another size is as any other.
  @Test func tensorsInReusedMemoryAreWhole() {
    let workers = Workers(threads: 1)
    do { _ = Tensor(zeros: [5_000], on: workers) }
    var tensor = Tensor(zeros: [4_500], on: workers)
    let copy = tensor
    tensor.fill(with: 2, on: Workers(threads: 1))
    #expect(copy.values == [Float](repeating: 0, count: 4_500))
    #expect(tensor.values == [Float](repeating: 2, count: 4_500))
  }
}
