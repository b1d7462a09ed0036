import Foundation
import Synchronization
import Tensor
import Testing

@Suite struct OrderedPipelineTests {
  /// Counts what threads do.
  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }

    /// Waits until it stands at `target`, a few seconds at most; says whether it came to that.
    func reaches(_ target: Int) -> Bool {
      for _ in 0..<2000 {
        if value == target { return true }
        usleep(2000)
      }
      return value == target
    }
  }

  /// Held by a worker's closure, and counted when its thread lets go of it.
  private final class Token: Sendable {
    private let released: Counter
    init(_ released: Counter) { self.released = released }
    deinit { released.add() }
    func use() {}
  }

  private struct Broken: Error, Equatable { var number: Int }

  @Test(arguments: [(1, 1), (1, 3), (4, 1), (4, 5), (7, 40)])
  func `pieces come in the order of their numbers, whatever each takes`(
    threads: Int, ahead: Int
  ) throws {
    let workers = Counter()
    let pipeline = OrderedPipeline(count: 150, ahead: ahead, threads: threads) {
      workers.add()
      return { number -> Int in
        // Every seventh piece is done long after those begun after it.
        usleep(number % 7 == 0 ? 1500 : UInt32(number * 37 % 11) * 20)
        return number * number
      }
    }
    for number in 0..<150 { #expect(try pipeline.next() == number * number) }
    #expect(try pipeline.next() == nil)
    #expect(try pipeline.next() == nil)
    #expect(workers.reaches(threads))
  }

  @Test func `no pieces are no outputs`() throws {
    let pipeline = OrderedPipeline(count: 0, ahead: 2, threads: 2) { { $0 } }
    #expect(try pipeline.next() == nil)
  }

  @Test(arguments: [1, 3, 6])
  func `no piece is begun further ahead than allowed`(ahead: Int) throws {
    let begun = Counter()
    let pipeline = OrderedPipeline(count: 20, ahead: ahead, threads: 4) {
      { number -> Int in
        begun.add()
        return number
      }
    }
    for taken in 0...14 {
      // As many as may be, and after a while still no more.
      #expect(begun.reaches(taken + ahead))
      if taken % 5 == 0 { usleep(15_000) }
      #expect(begun.value == taken + ahead)
      #expect(try pipeline.next() == taken)
    }
  }

  @Test func `of several pieces that fail the first is thrown, whichever failed earlier`() throws {
    for slow in [0, 1] {
      let pipeline = OrderedPipeline(count: 6, ahead: 6, threads: 4) {
        { number -> Int in
          if number <= slow { usleep(20_000) }
          if number >= slow { throw Broken(number: number) }
          return number
        }
      }
      for number in 0..<slow { #expect(try pipeline.next() == number) }
      #expect(throws: Broken(number: slow)) { _ = try pipeline.next() }
      #expect(throws: Broken(number: slow)) { _ = try pipeline.next() }
    }
  }

  @Test(arguments: [1, 4])
  func `what makes a piece fail is thrown by next, once and again`(threads: Int) throws {
    let released = Counter()
    let pipeline = OrderedPipeline(count: 100, ahead: 3, threads: threads) {
      let token = Token(released)
      return { number -> Int in
        token.use()
        if number == 12 { throw Broken(number: number) }
        usleep(200)
        return number
      }
    }
    var received: [Int] = []
    let error = #expect(throws: Broken.self) {
      while let number = try pipeline.next() { received.append(number) }
    }
    #expect(error == Broken(number: 12))
    #expect(received == Array(0..<received.count) && received.count <= 12)
    // At most three are under way at once, so that the first ten were handed out before.
    #expect(received.count >= 10)
    #expect(throws: Broken(number: 12)) { try pipeline.next() }
    #expect(released.reaches(threads), "threads go on after a failure")
  }

  @Test func `a worker that cannot be made is a failure`() {
    let pipeline = OrderedPipeline(count: 5, ahead: 2, threads: 2) { () -> (Int) -> Int in
      throw Broken(number: -1)
    }
    #expect(throws: Broken(number: -1)) { try pipeline.next() }
  }

  @Test func `threads end when the work is done, or when nobody can ask for it any more`() throws {
    let released = Counter()
    func started(count: Int) -> OrderedPipeline<Int> {
      OrderedPipeline(count: count, ahead: 2, threads: 3) {
        let token = Token(released)
        return { number in
          token.use()
          return number
        }
      }
    }
    var pipeline: OrderedPipeline<Int>? = started(count: 4)
    for number in 0..<4 { #expect(try pipeline?.next() == number) }
    #expect(released.reaches(3))

    // Threads that wait for room to go on.
    pipeline = started(count: 1000)
    #expect(try pipeline?.next() == 0)
    usleep(10_000)
    #expect(released.value == 3)
    pipeline = nil
    #expect(released.value == 6, "threads outlive what started them")
  }
}
