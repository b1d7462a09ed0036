import Testing

@testable import Tensor

@Suite struct BufferPoolTests {
  /// Where memory for `count` elements was taken.
  private func taken(_ pool: BufferPool, count: Int) -> UInt {
    UInt(bitPattern: pool.take(count: count).elements)
  }

  /// Takes memory for each count, and gives it all back in that order.
  @discardableResult
  private func keep(_ counts: [Int], in pool: BufferPool) -> [UInt] {
    let buffers = counts.map { pool.take(count: $0) }
    for buffer in buffers { pool.give(buffer.elements, capacity: buffer.capacity) }
    return buffers.map { UInt(bitPattern: $0.elements) }
  }

  @Test func theSmallestThatIsLargeEnoughIsTaken() {
    let pool = BufferPool(limit: 1 << 20)
    let kept = keep([12_000, 10_500, 9_999], in: pool)
    #expect(taken(pool, count: 10_000) == kept[1])
    #expect(taken(pool, count: 10_000) == kept[0])
    #expect(pool.unusedBytes == 9_999 * 4)
  }

  @Test func memoryMuchLargerStaysForWhatNeedsIt() {
    let pool = BufferPool(limit: 1 << 20)
    let kept = keep([20_000], in: pool)
    #expect(taken(pool, count: 15_999) != kept[0])
    #expect(taken(pool, count: 16_000) == kept[0])
  }

  @Test func beyondTheLimitTheLongestUnusedGoes() {
    let pool = BufferPool(limit: 100_000)
    let kept = keep([10_000, 5_000, 12_000], in: pool)
    #expect(pool.unusedBytes == 17_000 * 4)
    #expect(taken(pool, count: 10_000) == kept[2])
    #expect(taken(pool, count: 5_000) == kept[1])
  }

  @Test func whatIsSmallOrAboveTheLimitIsNotKept() {
    let pool = BufferPool(limit: 100_000)
    keep([1_000, 30_000], in: pool)
    #expect(pool.unusedBytes == 0)
  }

  /// What was kept goes as soon as memory of another size would make it more than was ever used.
  @Test func noMoreIsHeldThanWasInUseAtOneTime() {
    let pool = BufferPool(limit: 1 << 20, allowance: 0)
    keep([10_000, 8_000, 6_000], in: pool)
    #expect(pool.unusedBytes == 24_000 * 4)
    _ = taken(pool, count: 4_000)
    #expect(pool.unusedBytes == 14_000 * 4)
    _ = taken(pool, count: 3_000)
    #expect(pool.unusedBytes == 14_000 * 4)
    _ = taken(pool, count: 20_000)
    #expect(pool.unusedBytes == 0)
  }

  /// Below the allowance all is kept, however little was in use at one time.
  @Test func belowTheAllowanceAllIsKept() {
    let pool = BufferPool(limit: 1 << 20, allowance: 100_000)
    keep([10_000], in: pool)
    _ = taken(pool, count: 14_000)
    #expect(pool.unusedBytes == 10_000 * 4)
    _ = taken(pool, count: 2_000)
    #expect(pool.unusedBytes == 0)
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
