/// A dense float32 array of any rank, row-major. Images are NHWC: n images, h rows, w columns,
/// c channels.
///
/// A value: copies share storage until one of them is changed.
public struct Tensor: Sendable {
  /// The extent of each axis.
  public let shape: [Int]
  private var storage: TensorStorage

  /// A tensor with every element set to `value`.
  public init(shape: [Int], repeating value: Float = 0) {
    self.init(uninitialised: shape)
    storage.elements.initialize(repeating: value, count: count)
  }

  /// A tensor of zeros, its memory taken from what the workers keep of finished tensors.
  public init(zeros shape: [Int], on workers: Workers) {
    self.init(uninitialised: shape, on: workers)
    storage.elements.initialize(repeating: 0, count: count)
  }

  /// A tensor of the given elements in row-major order. Traps unless there are exactly as many
  /// as the shape holds.
  public init(shape: [Int], values: [Float]) {
    self.init(uninitialised: shape)
    precondition(values.count == count, "\(values.count) values for the shape \(shape)")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.elements.update(from: base, count: count) }
    }
  }

  /// A tensor whose elements are not set yet, its memory taken from the workers' pool if one is
  /// given. The caller writes every element before anyone reads.
  init(uninitialised shape: [Int], on workers: Workers? = nil) {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative extent in \(shape)")
    self.shape = shape
    storage = TensorStorage(count: shape.reduce(1, *), pool: workers?.pool)
  }

  private init(shape: [Int], storage: TensorStorage) {
    self.shape = shape
    self.storage = storage
  }

  /// How many elements there are.
  public var count: Int { storage.count }

  /// A copy of the elements in row-major order.
  public var values: [Float] {
    Array(UnsafeBufferPointer(start: storage.elements, count: count))
  }

  /// The element at a flat, row-major index. Traps outside `0..<count`.
  public subscript(_ index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) of \(count) elements")
      return storage.elements[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) of \(count) elements")
      makeUnique()
      storage.elements[index] = newValue
    }
  }

  /// Calls `body` with the elements for reading.
  public func withSpan<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(start: storage.elements, count: count).span)
  }

  /// Calls `body` with the elements for writing.
  public mutating func withMutableSpan<R>(
    _ body: (inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    makeUnique()
    var span = UnsafeMutableBufferPointer(start: storage.elements, count: count).mutableSpan
    return try body(&span)
  }

  /// The same elements under another shape of as many elements.
  public func reshaped(to shape: [Int]) -> Tensor {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == count,
      "\(self.shape) cannot be seen as \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  /// A copy of the entries `range` of the first axis.
  public func firstAxis(_ range: Range<Int>) -> Tensor {
    precondition(
      !shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "entries \(range) of the first axis of \(shape)")
    let stride = shape[0] == 0 ? 0 : count / shape[0]
    let part = Tensor(uninitialised: [range.count] + shape.dropFirst())
    part.storage.elements.update(
      from: storage.elements + range.lowerBound * stride, count: part.count)
    return part
  }

  /// What `make` makes of the elements, kept with them until they change.
  func derived(_ key: DerivedKey, make: () -> Tensor) -> Tensor {
    storage.derived(key, make: make)
  }

  /// The elements for reading, inside the module; valid while the tensor lives.
  var elements: UnsafePointer<Float> { UnsafePointer(storage.elements) }

  /// The elements for writing, inside the module; valid while the tensor lives unchanged.
  mutating func mutableElements() -> UnsafeMutablePointer<Float> {
    makeUnique()
    return storage.elements
  }

  /// Where others hold the elements' memory too, takes memory of its own whose elements are not set
  /// yet, and returns the tensor with those it had; nil where it is the only holder.
  mutating func leaveSharedMemory(on workers: Workers) -> Tensor? {
    if isKnownUniquelyReferenced(&storage) { return nil }
    let shared = self
    self = Tensor(uninitialised: shape, on: workers)
    return shared
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) {
      storage.forgetDerived()
    } else {
      storage = storage.copy()
    }
  }
}

extension Tensor {
  /// The four extents of a batch of images. Traps on another rank.
  var imageExtents: (images: Int, height: Int, width: Int, channels: Int) {
    precondition(shape.count == 4, "expected a shape [n, h, w, c], got \(shape)")
    return (shape[0], shape[1], shape[2], shape[3])
  }
}
