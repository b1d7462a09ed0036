internal import Raster

/// Images of one size in one piece of memory, as the published files hold them. h rows, w columns,
/// c channels.
struct PackedImages: Sendable {
  /// How the values of one image follow each other.
  enum Layout: Sendable {
    /// [h, w, c]: a pixel's channels side by side.
    case interleaved
    /// [c, h, w]: one channel after the other, row by row.
    case planar
    /// [c, w, h]: one channel after the other, column by column.
    case planarByColumns
  }

  let bytes: [UInt8]
  /// Where the first image begins.
  let start: Int
  /// From one image's beginning to the next's.
  let stride: Int
  let count: Int
  let height: Int
  let width: Int
  let channels: Int
  let layout: Layout

  subscript(index: Int) -> ByteImage {
    precondition(index >= 0 && index < count, "image \(index) of \(count)")
    let first = start + index * stride
    let size = height * width * channels
    let pixels: [UInt8]
    switch layout {
    case .interleaved:
      pixels = Array(bytes[first..<first + size])
    case .planar:
      pixels = interleaved(from: first, betweenRows: width, betweenColumns: 1)
    case .planarByColumns:
      pixels = interleaved(from: first, betweenRows: 1, betweenColumns: height)
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  private func interleaved(
    from first: Int, betweenRows rowStep: Int, betweenColumns columnStep: Int
  ) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: height * width * channels)
    let source = bytes.span
    var target = pixels.mutableSpan
    for channel in 0..<channels {
      let plane = first + channel * height * width
      for row in 0..<height {
        for column in 0..<width {
          target[(row * width + column) * channels + channel] =
            source[plane + row * rowStep + column * columnStep]
        }
      }
    }
    return pixels
  }
}
