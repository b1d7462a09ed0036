import COpenBLAS
import Foundation
import Synchronization

/// The threads that every operation runs on, and the memory its results come from.
///
/// Work is split among the threads by count alone, never by which is free, so that the same
/// number of threads gives the same bits. OpenBLAS is told to use one thread: each of these
/// threads calls it for its own share.
public final class Workers: Sendable {
  /// How many threads there are, the caller's own included.
  public let threads: Int
  let pool: BufferPool
  private let crew: Crew

  /// Starts the threads; they end with this object.
  ///
  /// - Parameters:
  ///   - threads: at least 1.
  ///   - reusableBytes: how much memory of finished tensors is kept for new ones.
  public init(threads: Int, reusableBytes: Int = 4 << 30) {
    precondition(threads >= 1, "\(threads) threads")
    self.threads = threads
    pool = BufferPool(limit: reusableBytes)
    openblas_set_num_threads(1)
    crew = Crew(helpers: threads - 1)
  }

  deinit { crew.dismiss() }

  /// Cuts `0..<count` into at most `threads` ranges of equal size (within one), calls `body` with
  /// each and its worker's number `0..<threads`, and returns when all are done.
  ///
  /// Called from inside such a body, or while another thread's call is under way, the same ranges
  /// are worked off one after another on the calling thread.
  public func forEachChunk(
    of count: Int, _ body: @escaping @Sendable (_ range: Range<Int>, _ worker: Int) -> Void
  ) {
    split(count, body)
  }

  /// `forEachChunk` for bodies that write through pointers, each to its own part.
  func split(_ count: Int, _ body: @escaping (_ range: Range<Int>, _ worker: Int) -> Void) {
    guard count > 0 else { return }
    let chunks = min(threads, count)
    crew.run(chunks) { chunk in
      body(chunk * count / chunks..<(chunk + 1) * count / chunks, chunk)
    }
  }
}

/// Threads that wait for a job, each running its own numbered part of it.
private final class Crew: @unchecked Sendable {
  // Guarded by `condition`, but for `job`'s body, which is only called between start and finish.
  private let condition = NSCondition()
  private var job: ((Int) -> Void)?
  private var parts = 0
  private var pending = 0
  private var dismissed = false
  /// Counts the jobs; helpers watch it for a short while before they sleep, since the next job
  /// mostly follows within microseconds and to be woken takes longer than that.
  private let generation = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let busy = Atomic<Bool>(false)
  private let helpers: Int

  init(helpers: Int) {
    self.helpers = helpers
    for number in 0..<helpers {
      let thread = Thread { [self] in serve(part: number + 1) }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func run(_ parts: Int, _ body: @escaping (Int) -> Void) {
    let free = !busy.exchange(true, ordering: .acquiring)
    guard free, helpers > 0, parts > 1 else {
      if free { busy.store(false, ordering: .releasing) }
      for part in 0..<parts { body(part) }
      return
    }
    condition.lock()
    job = body
    self.parts = parts
    unfinished.store(helpers, ordering: .relaxed)
    generation.add(1, ordering: .releasing)
    condition.broadcast()
    condition.unlock()

    body(0)

    var spins = 0
    while unfinished.load(ordering: .acquiring) > 0 {
      spins += 1
      if spins > Self.patience {
        condition.lock()
        while unfinished.load(ordering: .acquiring) > 0 { condition.wait() }
        condition.unlock()
      }
    }
    job = nil
    busy.store(false, ordering: .releasing)
  }

  func dismiss() {
    condition.lock()
    dismissed = true
    generation.add(1, ordering: .releasing)
    condition.broadcast()
    condition.unlock()
  }

  /// Looks before a thread sleeps: about 20 microseconds.
  private static let patience = 20_000

  private func serve(part: Int) {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen && spins < Self.patience { spins += 1 }
      condition.lock()
      while generation.load(ordering: .acquiring) == seen { condition.wait() }
      seen = generation.load(ordering: .acquiring)
      let work = job
      let taken = part < parts
      let end = dismissed
      condition.unlock()
      if end { return }
      if taken, let work { work(part) }
      if unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
        condition.lock()
        condition.broadcast()
        condition.unlock()
      }
    }
  }
}
