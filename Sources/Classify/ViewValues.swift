internal import Raster
internal import Tensor

/// Views one after the other, as numbers 0…1.
struct ViewValues {
  let side: Int
  let channels: Int
  var values: [Float] = []

  init(_ side: Int, _ channels: Int, capacity: Int) {
    self.side = side
    self.channels = channels
    values.reserveCapacity(capacity * side * side * channels)
  }

  mutating func append(_ view: ByteImage) {
    precondition(
      view.width == side && view.height == side && view.channels == channels,
      "a view of \(view.height) × \(view.width) × \(view.channels)")
    for value in view.pixels { values.append(Float(value) / 255) }
  }

  /// All of them [n, h, w, c].
  static func tensor(_ parts: [ViewValues]) -> Tensor {
    let (side, channels) = (parts[0].side, parts[0].channels)
    let values = parts.flatMap(\.values)
    return Tensor(
      shape: [values.count / (side * side * channels), side, side, channels], values: values)
  }
}
