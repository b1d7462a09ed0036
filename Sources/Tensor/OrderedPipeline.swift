import Foundation

/// Numbered pieces of work done ahead by threads of their own and handed out in the order of the
/// numbers, whatever the timing.
public final class OrderedPipeline<Output: Sendable>: Sendable {
  private let state: State

  /// Starts the threads; they end when all pieces are done, one fails, or this object goes.
  ///
  /// - Parameters:
  ///   - count: How many pieces there are, numbered from 0.
  ///   - ahead: How many pieces may be begun beyond the one to be handed out next, at least 1.
  ///   - threads: How many work at once.
  ///   - makeWorker: Called once on each thread; what it returns does the pieces there, so it may
  ///     hold what only one thread may use.
  public init(
    count: Int, ahead: Int, threads: Int,
    makeWorker: @escaping @Sendable () throws -> (Int) throws -> Output
  ) {
    // More threads than pieces would only be started and ended.
    let threads = min(threads, count)
    let state = State(count: count, ahead: ahead, threads: threads)
    self.state = state
    // What a worker holds is gone when this returns.
    @Sendable func run() {
      do {
        let work = try makeWorker()
        while let number = state.begin() {
          do {
            state.finish(number, try work(number))
          } catch {
            state.fail(error, at: number)
            return
          }
        }
      } catch { state.fail(error, at: nil) }
    }
    for started in 0..<threads {
      let isStarted = StartedThread.start {
        run()
        state.leave()
      }
      if isStarted { continue }
      // Those that there are do all the work.
      for _ in started..<threads { state.leave() }
      if started == 0 { state.fail(ThreadShortage(), at: nil) }
      break
    }
  }

  /// Waits for the threads to end, each after the piece it is at: one still at work while the
  /// program exits would find the libraries that it uses taken down.
  deinit { state.cancelAndJoin() }

  /// The next piece's output, waited for if need be; nil after the last. Throws what made that piece
  /// fail, and what made a worker impossible.
  public func next() throws -> Output? { try state.next() }

  private final class State: @unchecked Sendable {
    // All but the constants guarded by `condition`.
    private let condition = NSCondition()
    private let count: Int
    private let ahead: Int
    private var begun = 0
    private var handedOut = 0
    private var finished: [Int: Output] = [:]
    /// What failed, by the number of the piece.
    private var failures: [Int: any Error] = [:]
    /// Why a worker could not be made.
    private var failure: (any Error)?
    private var cancelled = false

    private var running: Int

    init(count: Int, ahead: Int, threads: Int) {
      self.count = count
      self.ahead = ahead
      running = threads
    }

    func leave() {
      condition.lock()
      running -= 1
      condition.broadcast()
      condition.unlock()
    }

    /// Whether no further piece is to begin. Pieces begin in order, so those before one that failed
    /// are done or under way, and are handed out before it.
    private var isEnding: Bool { cancelled || failure != nil || !failures.isEmpty }

    func begin() -> Int? {
      condition.lock()
      defer { condition.unlock() }
      while begun < count && begun >= handedOut + ahead && !isEnding { condition.wait() }
      guard begun < count, !isEnding else { return nil }
      begun += 1
      return begun - 1
    }

    func finish(_ number: Int, _ output: Output) {
      condition.lock()
      finished[number] = output
      condition.broadcast()
      condition.unlock()
    }

    func fail(_ error: any Error, at number: Int?) {
      condition.lock()
      if let number {
        failures[number] = error
      } else if failure == nil {
        failure = error
      }
      condition.broadcast()
      condition.unlock()
    }

    func cancelAndJoin() {
      condition.lock()
      cancelled = true
      condition.broadcast()
      while running > 0 { condition.wait() }
      condition.unlock()
    }

    func next() throws -> Output? {
      condition.lock()
      defer { condition.unlock() }
      while handedOut < count {
        if let failure = failure ?? failures[handedOut] { throw failure }
        if let output = finished.removeValue(forKey: handedOut) {
          handedOut += 1
          condition.broadcast()
          return output
        }
        condition.wait()
      }
      return nil
    }
  }
}
