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

/// Threads that wait for a job, each running its own numbered part of it. Where the system has fewer
/// than asked for, the caller runs the others' parts too.
///
/// A job goes from the caller to the helpers and back by atomic counters alone while all are awake;
/// the lock is for those that have fallen asleep.
private final class Crew: @unchecked Sendable {
  // Written by the caller while no helper works, before `generation` says so; read after.
  private var job: ((Int) -> Void)?
  private var parts = 0
  private var dismissed = false
  /// Counts the jobs; helpers watch it for a short while before they sleep, since the next job
  /// mostly follows within microseconds and to be woken takes longer than that.
  private let generation = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let busy = Atomic<Bool>(false)
  private let condition = NSCondition()
  /// Helpers that wait on the condition, or are about to. Whoever sleeps says so before looking at
  /// the counters for a last time, and whoever moves those looks for sleepers afterwards, so that
  /// one of the two sees the other.
  private let sleepingHelpers = Atomic<Int>(0)
  private let callerSleeps = Atomic<Bool>(false)
  /// Set before the first job, and read by the caller alone.
  private var helpers = 0

  init(helpers: Int) {
    while self.helpers < helpers {
      let part = self.helpers + 1
      guard StartedThread.start({ [self] in serve(part: part) }) else { break }
      self.helpers = part
    }
  }

  func run(_ parts: Int, _ body: @escaping (Int) -> Void) {
    let free = !busy.exchange(true, ordering: .acquiring)
    guard free, helpers > 0, parts > 1 else {
      if free { busy.store(false, ordering: .releasing) }
      for part in 0..<parts { body(part) }
      return
    }
    job = body
    self.parts = parts
    unfinished.store(helpers, ordering: .relaxed)
    beginGeneration()

    body(0)
    if parts > helpers + 1 { for part in helpers + 1..<parts { body(part) } }

    if !soon({ unfinished.load(ordering: .acquiring) == 0 }) {
      condition.lock()
      callerSleeps.store(true, ordering: .sequentiallyConsistent)
      while unfinished.load(ordering: .sequentiallyConsistent) > 0 { condition.wait() }
      callerSleeps.store(false, ordering: .relaxed)
      condition.unlock()
    }
    job = nil
    busy.store(false, ordering: .releasing)
  }

  func dismiss() {
    dismissed = true
    beginGeneration()
  }

  /// How long a thread watches before it sleeps: several times what being woken takes. A training
  /// step has a thousand jobs, and between them the caller alone works for tens of microseconds.
  private static let patience = Duration.microseconds(100)

  /// Watches until something is so, and returns whether it came to be while patience lasted.
  private func soon(_ isSo: () -> Bool) -> Bool {
    let end = ContinuousClock.now + Self.patience
    repeat {
      for _ in 0..<256 where isSo() { return true }
      // What is waited for may need this very processor.
      sched_yield()
    } while ContinuousClock.now < end
    return false
  }

  private func beginGeneration() {
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleepingHelpers.load(ordering: .sequentiallyConsistent) > 0 { wakeSleepers() }
  }

  private func wakeSleepers() {
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  private func serve(part: Int) {
    var seen = 0
    while true {
      awaitGeneration(after: seen)
      seen += 1
      if dismissed { return }
      if part < parts, let job { job(part) }
      if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
        callerSleeps.load(ordering: .sequentiallyConsistent)
      {
        wakeSleepers()
      }
    }
  }

  private func awaitGeneration(after seen: Int) {
    if soon({ generation.load(ordering: .acquiring) != seen }) { return }
    condition.lock()
    sleepingHelpers.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { condition.wait() }
    sleepingHelpers.subtract(1, ordering: .relaxed)
    condition.unlock()
  }
}
