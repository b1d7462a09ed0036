import Foundation

/// Threads of the system, started with a look at whether they could be: `Thread` of Foundation does
/// not say where there are no more to be had, and whoever waits for one would wait for ever.
enum StartedThread {
  private static let stackSize = 8 << 20

  /// Starts a thread that runs `body` once, and returns whether there is one.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    if result != 0 { work.release() }
    return result == 0
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// The system has no thread left to work with.
public struct ThreadShortage: Error, Sendable, CustomStringConvertible {
  /// One line, with what to do about it.
  public var description: String {
    "cannot start a thread: the system has none left; give fewer --threads, or raise the limit of "
      + "processes (ulimit -u)"
  }
}
