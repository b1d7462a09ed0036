import Kernels
import Synchronization

/// The memory behind a tensor. `@unchecked Sendable`: it is written only while one tensor alone
/// refers to it (copy on write) or by the operation that made it.
final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutablePointer<Float>
  let count: Int
  private let pool: BufferPool?

  init(count: Int, pool: BufferPool?) {
    self.count = count
    self.pool = pool
    elements = pool?.take(count: count) ?? BufferPool.allocate(count: count)
  }

  func copy() -> TensorStorage {
    let copy = TensorStorage(count: count, pool: pool)
    copy.elements.update(from: elements, count: count)
    return copy
  }

  deinit {
    if let pool { pool.give(elements, count: count) } else { kernels_free(elements) }
  }
}

/// Memory given back by tensors and kept for the next of the same size: a training step asks for
/// the same sizes again and again, and fresh pages from the system cost more than many operations.
final class BufferPool: Sendable {
  private struct State {
    // Addresses as integers, since pointers are not Sendable; the last given is taken first.
    var free: [Int: [UInt]] = [:]
    var freeBytes = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// Keeps at most `limit` bytes of unused memory.
  init(limit: Int) { self.limit = limit }

  static func allocate(count: Int) -> UnsafeMutablePointer<Float> {
    guard let memory = kernels_allocate(max(count, 1) * MemoryLayout<Float>.stride) else {
      fatalError("out of memory: \(count) floats")
    }
    return memory.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  func take(count: Int) -> UnsafeMutablePointer<Float> {
    let address = state.withLock { state -> UInt? in
      guard let address = state.free[count]?.popLast() else { return nil }
      state.freeBytes -= count * MemoryLayout<Float>.stride
      return address
    }
    if let address { return UnsafeMutablePointer(bitPattern: address)! }
    return Self.allocate(count: count)
  }

  func give(_ elements: UnsafeMutablePointer<Float>, count: Int) {
    let bytes = count * MemoryLayout<Float>.stride
    // Small pieces are the allocator's own business, and none may hold more than the limit.
    guard bytes >= 4096, bytes <= limit else { return kernels_free(elements) }
    var evicted: [UInt] = []
    state.withLock { state in
      state.free[count, default: []].append(UInt(bitPattern: elements))
      state.freeBytes += bytes
      guard state.freeBytes > limit else { return }
      // Sizes no longer asked for make room: all but this one's go.
      for (other, addresses) in state.free where other != count {
        evicted += addresses
        state.freeBytes -= addresses.count * other * MemoryLayout<Float>.stride
        state.free[other] = nil
      }
      while state.freeBytes > limit, let address = state.free[count]?.popLast() {
        evicted.append(address)
        state.freeBytes -= bytes
      }
    }
    for address in evicted { kernels_free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  deinit {
    for (_, addresses) in state.withLock({ $0.free }) {
      for address in addresses { kernels_free(UnsafeMutableRawPointer(bitPattern: address)) }
    }
  }
}
