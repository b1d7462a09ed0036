import Foundation
import Synchronization
import Tensor
import Testing

@Suite struct WorkersTests {
  /// The chunks one call handed out, in the order of their ranges.
  private func chunks(of count: Int, on workers: Workers) -> [(range: Range<Int>, worker: Int)] {
    let seen = Mutex<[(range: Range<Int>, worker: Int)]>([])
    workers.forEachChunk(of: count) { range, worker in
      seen.withLock { $0.append((range, worker)) }
    }
    return seen.withLock { $0 }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  @Test(arguments: [1, 2, 3, 5], [0, 1, 2, 3, 4, 7, 100, 101])
  func `every number is in exactly one chunk, of even sizes`(threads: Int, count: Int) {
    let workers = Workers(threads: threads)
    #expect(workers.threads == threads)
    let chunks = chunks(of: count, on: workers)
    #expect(chunks.flatMap { Array($0.range) } == Array(0..<count))
    #expect(chunks.count == min(threads, count))
    #expect(Set(chunks.map(\.worker)).count == chunks.count)
    #expect(chunks.allSatisfy { (0..<threads).contains($0.worker) })
    let sizes = chunks.map(\.range.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }

  @Test func `the same count is always cut alike`() {
    let workers = Workers(threads: 3)
    let first = chunks(of: 1001, on: workers)
    for _ in 0..<50 {
      let again = chunks(of: 1001, on: workers)
      #expect(again.map(\.range) == first.map(\.range))
      #expect(again.map(\.worker) == first.map(\.worker))
    }
  }

  @Test func `chunks run at the same time`() {
    // Each chunk waits for the other to have started: on one thread neither would end well.
    let workers = Workers(threads: 2)
    let started = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
    let met = Mutex(0)
    workers.forEachChunk(of: 2) { range, _ in
      started[range.lowerBound].signal()
      if started[1 - range.lowerBound].wait(timeout: .now() + 20) == .success {
        met.withLock { $0 += 1 }
      }
    }
    #expect(met.withLock { $0 } == 2)
  }

  @Test func `a call from within a chunk covers its numbers too`() {
    let workers = Workers(threads: 2)
    let total = Mutex(0)
    workers.forEachChunk(of: 4) { outer, _ in
      for number in outer {
        workers.forEachChunk(of: 10) { inner, _ in
          let sum = inner.reduce(0) { $0 + number * 100 + $1 }
          total.withLock { $0 += sum }
        }
      }
    }
    // Σ over number and inner of 100 · number + inner.
    let sum = total.withLock { $0 }
    #expect(sum == 6180)
  }

  @Test func `calls from several threads at once each cover their numbers`() {
    let workers = Workers(threads: 2)
    let wrong = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for count in 1...200 {
        let sum = Mutex(0)
        workers.forEachChunk(of: count) { range, _ in
          let part = range.reduce(0, +)
          sum.withLock { $0 += part }
        }
        if sum.withLock({ $0 }) != count * (count - 1) / 2 { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test func `thousands of short jobs, some after a rest, all finish`() {
    let workers = Workers(threads: 3)
    let done = Mutex(0)
    for job in 0..<5000 {
      workers.forEachChunk(of: 3) { range, _ in done.withLock { $0 += range.count } }
      // Long enough for the other threads to fall asleep.
      if job % 500 == 0 { Thread.sleep(forTimeInterval: 0.002) }
    }
    #expect(done.withLock { $0 } == 15_000)
  }

  @Test func `threads come and go`() {
    for round in 0..<100 {
      let workers = Workers(threads: 1 + round % 4)
      let done = Mutex(0)
      workers.forEachChunk(of: 8) { range, _ in done.withLock { $0 += range.count } }
      #expect(done.withLock { $0 } == 8)
    }
  }
}
