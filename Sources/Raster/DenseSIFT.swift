internal import CVLFeat

/// Descriptors of an image's texture on a regular lattice: SIFT (Lowe, *Distinctive image features
/// from scale-invariant keypoints*, IJCV 2004, section 6) at one scale and without rotation, as
/// VLFeat's `vl_dsift` computes it with a Gaussian window.
///
/// Each descriptor is of 4 × 4 bins of 8 orientations of the gradient, weighted by a Gaussian of two
/// bins' width about its middle, scaled to unit length, cut at 0.2, scaled again; then 512 times
/// that, at most 255, rounded down, as VLFeat's commands give it.
public struct DenseSIFT: Sendable, Equatable {
  /// Numbers of a descriptor: orientations fastest, then columns of bins, then rows.
  public static let dimensions = 128
  /// Bins along a side.
  private static let bins = 4

  /// Pixels between neighbouring descriptors' middles.
  public let step: Int
  /// Pixels between neighbouring bins' middles.
  public let binSize: Int

  /// Descriptors of so many pixels a bin, every `step` pixels. Traps unless both are 1 to 1024.
  public init(step: Int, binSize: Int) {
    precondition(
      (1...1024).contains(step) && (1...1024).contains(binSize),
      "descriptors every \(step) pixels of bins of \(binSize)")
    self.step = step
    self.binSize = binSize
  }

  /// Side of the square between the outermost bins' middles, in pixels: images are at least as large.
  public var extent: Int { (Self.bins - 1) * binSize + 1 }

  /// How many descriptors there are along a side of so many pixels.
  public func count(along pixels: Int) -> Int {
    pixels < extent ? 0 : (pixels - extent) / step + 1
  }

  /// Which of the descriptors along a side of so many pixels has its middle nearest to each pixel;
  /// the middle of descriptor i lies at i · step + (extent − 1) / 2. Traps where there is none.
  public func nearest(along pixels: Int) -> [Int] {
    let count = count(along: pixels)
    precondition(count > 0, "descriptors along \(pixels) pixels")
    return (0..<pixels).map { pixel in
      let twice = 2 * pixel - (extent - 1) + step
      return min(max(twice, 0) / (2 * step), count - 1)
    }
  }

  /// The descriptors of an image of one channel, [rows, columns, 128] with
  /// ``count(along:)`` of the height and of the width.
  ///
  /// Traps on an image of more channels or smaller than ``extent``.
  public func descriptors(of grey: ByteImage) -> [UInt8] {
    precondition(grey.channels == 1, "descriptors of \(grey.channels) channels")
    let (rows, columns) = (count(along: grey.height), count(along: grey.width))
    precondition(
      rows > 0 && columns > 0, "descriptors of \(grey.height) × \(grey.width) pixels")
    guard
      let filter = vl_dsift_new_basic(
        Int32(grey.width), Int32(grey.height), Int32(step), Int32(binSize))
    else { preconditionFailure("no memory for descriptors") }
    defer { vl_dsift_delete(filter) }
    filter.pointee.useFlatWindow = 0
    vl_dsift_process(filter, grey.pixels.map { Float($0) })
    let count = rows * columns * Self.dimensions
    precondition(
      Int(filter.pointee.numFrames) == rows * columns
        && Int(filter.pointee.descrSize) == Self.dimensions,
      "\(filter.pointee.numFrames) descriptors of \(filter.pointee.descrSize) numbers")
    return UnsafeBufferPointer(start: filter.pointee.descrs, count: count).map {
      UInt8(max(0, min(512 * $0, 255)))
    }
  }
}
