import Kernels
import Synchronization

/// What a convolution makes of its weight and keeps until the weight changes.
struct DerivedKey: Hashable, Sendable {
  /// The scheme whose points the weight was brought to.
  let scheme: WinogradScheme
  /// Whether for the gradient of the input.
  let isTurned: Bool
}

/// The memory behind a tensor. `@unchecked Sendable`: it is written only while one tensor alone
/// refers to it (copy on write) or by the operation that made it.
final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutablePointer<Float>
  let count: Int
  /// How many elements the memory holds, `count` at least.
  private let capacity: Int
  private let pool: BufferPool?
  private let derived = Mutex<[DerivedKey: Tensor]>([:])
  private let hasDerived = Atomic<Bool>(false)

  init(count: Int, pool: BufferPool?) {
    self.count = count
    self.pool = pool
    (elements, capacity) =
      pool?.take(count: count) ?? (BufferPool.allocate(count: count), count)
  }

  func copy() -> TensorStorage {
    let copy = TensorStorage(count: count, pool: pool)
    copy.elements.update(from: elements, count: count)
    return copy
  }

  /// What was made of the elements and kept under `key`, made now if need be.
  func derived(_ key: DerivedKey, make: () -> Tensor) -> Tensor {
    if let kept = derived.withLock({ $0[key] }) { return kept }
    let made = make()
    hasDerived.store(true, ordering: .relaxed)
    derived.withLock { $0[key] = made }
    return made
  }

  /// Forgets all that was made of the elements, since they are about to change.
  func forgetDerived() {
    guard hasDerived.load(ordering: .relaxed) else { return }
    hasDerived.store(false, ordering: .relaxed)
    derived.withLock { $0.removeAll() }
  }

  deinit {
    if let pool { pool.give(elements, capacity: capacity) } else { kernels_free(elements) }
  }
}

/// Memory given back by tensors and kept for the next of about the same size: a training step asks
/// for the same sizes again and again, and fresh pages from the system cost more than many
/// operations.
///
/// Used and unused together are never more than what has been in use at one time, but where that is
/// below the allowance: a step that fits into memory does not fail for what is kept beside it.
final class BufferPool: Sendable {
  private struct Buffer {
    // An address as an integer, since pointers are not Sendable.
    let address: UInt
    let capacity: Int

    var bytes: Int { capacity * MemoryLayout<Float>.stride }
  }

  private struct State {
    /// The longest unused first.
    var free: [Buffer] = []
    var freeBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0

    /// The smallest unused memory that holds `count` elements and is not above a quarter larger,
    /// the last used of equals; nil where there is none.
    mutating func take(count: Int) -> Buffer? {
      var best: Int?
      for index in free.indices.reversed() {
        let capacity = free[index].capacity
        guard capacity >= count, capacity - count <= count / 4 else { continue }
        if best.map({ capacity < free[$0].capacity }) ?? true { best = index }
        if capacity == count { break }
      }
      guard let best else { return nil }
      freeBytes -= free[best].bytes
      return free.remove(at: best)
    }

    /// Takes off what has been unused for longest, until at most `bytes` are unused.
    mutating func evict(to bytes: Int) -> [Buffer] {
      var count = 0
      while freeBytes > bytes {
        freeBytes -= free[count].bytes
        count += 1
      }
      defer { free.removeFirst(count) }
      return Array(free[..<count])
    }
  }

  private let state = Mutex(State())
  private let limit: Int
  private let allowance: Int

  /// Keeps at most `limit` bytes of unused memory; used and unused together at most what has been
  /// in use at one time, or `allowance`.
  init(limit: Int, allowance: Int = 2 << 30) { (self.limit, self.allowance) = (limit, allowance) }

  /// How much memory is kept unused.
  var unusedBytes: Int { state.withLock { $0.freeBytes } }

  static func allocate(count: Int) -> UnsafeMutablePointer<Float> {
    guard let memory = kernels_allocate(max(count, 1) * MemoryLayout<Float>.stride) else {
      fatalError("out of memory: \(count) floats")
    }
    return memory.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Unused memory that holds `count` elements and is not much larger, or fresh memory.
  func take(count: Int) -> (elements: UnsafeMutablePointer<Float>, capacity: Int) {
    let (buffer, evicted) = state.withLock { state in
      let buffer = state.take(count: count)
      state.usedBytes += buffer?.bytes ?? count * MemoryLayout<Float>.stride
      state.mostUsedBytes = max(state.mostUsedBytes, state.usedBytes)
      return (buffer, state.evict(to: max(state.mostUsedBytes, allowance) - state.usedBytes))
    }
    Self.free(evicted)
    guard let buffer, let elements = UnsafeMutablePointer<Float>(bitPattern: buffer.address)
    else { return (Self.allocate(count: count), count) }
    return (elements, buffer.capacity)
  }

  /// Takes memory back that ``take(count:)`` gave.
  func give(_ elements: UnsafeMutablePointer<Float>, capacity: Int) {
    let buffer = Buffer(address: UInt(bitPattern: elements), capacity: capacity)
    let evicted = state.withLock { state -> [Buffer] in
      state.usedBytes -= buffer.bytes
      // Small pieces are the allocator's own business, and none may hold more than the limit.
      guard buffer.bytes >= 4096, buffer.bytes <= limit else { return [buffer] }
      state.free.append(buffer)
      state.freeBytes += buffer.bytes
      return state.evict(to: limit)
    }
    Self.free(evicted)
  }

  private static func free(_ buffers: [Buffer]) {
    for buffer in buffers { kernels_free(UnsafeMutableRawPointer(bitPattern: buffer.address)) }
  }

  deinit { Self.free(state.withLock { $0.free }) }
}
