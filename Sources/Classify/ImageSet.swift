public import Raster

/// Images of 8 bits a channel in memory, in an order of their own, with labels where there are any.
///
/// A value: sets made of others share their pixels.
public struct ImageSet: Sendable {
  /// How many images there are.
  public let count: Int
  /// The class of each image, from 0; nil where not every image has one.
  public let labels: [UInt8]?
  /// Channels of the images, 1 or 3.
  public let channels: Int
  /// The shortest side of any image, in pixels.
  public let shortestSide: Int
  /// Rows and columns, where all images have the same.
  public let commonSize: (height: Int, width: Int)?

  private let parts: [Part]
  /// Of each image, where it lies in the parts put one after the other; nil where in that order.
  private let order: [Int32]?

  private enum Part: Sendable {
    case packed(PackedImages)
    case single([ByteImage])

    var count: Int {
      switch self {
      case .packed(let images): images.count
      case .single(let images): images.count
      }
    }
  }

  /// A set of images of any sizes. Traps unless there is at least one, all have as many channels,
  /// and there are as many labels as images.
  public init(_ images: [ByteImage], labels: [UInt8]? = nil) {
    precondition(
      !images.isEmpty && images.allSatisfy { $0.channels == images[0].channels },
      "\(images.count) images, or channels that differ")
    let sizes = images.map { (height: $0.height, width: $0.width) }
    self.init(
      parts: [.single(images)], order: nil, labels: labels, channels: images[0].channels,
      shortestSide: sizes.map { min($0.height, $0.width) }.min() ?? 0,
      commonSize: sizes.allSatisfy { $0 == sizes[0] } ? sizes[0] : nil)
  }

  init(_ images: PackedImages, labels: [UInt8]?) {
    self.init(
      parts: [.packed(images)], order: nil, labels: labels, channels: images.channels,
      shortestSide: min(images.height, images.width), commonSize: (images.height, images.width))
  }

  private init(
    parts: [Part], order: [Int32]?, labels: [UInt8]?, channels: Int, shortestSide: Int,
    commonSize: (height: Int, width: Int)?
  ) {
    self.parts = parts
    self.order = order
    self.labels = labels
    self.channels = channels
    self.shortestSide = shortestSide
    self.commonSize = commonSize
    count = order?.count ?? parts.reduce(0) { $0 + $1.count }
    precondition(labels.map { $0.count == count } ?? true, "\(count) images, other count of labels")
  }

  /// The sets one after the other; without labels unless all have them. Traps without a set, and
  /// where channels differ.
  public static func joined(_ sets: [ImageSet]) -> ImageSet {
    precondition(
      !sets.isEmpty && sets.allSatisfy { $0.channels == sets[0].channels },
      "\(sets.count) sets, or channels that differ")
    guard sets.count > 1 else { return sets[0] }
    var order: [Int32]?
    if sets.contains(where: { $0.order != nil }) {
      var places: [Int32] = []
      var start: Int32 = 0
      for set in sets {
        let stored = set.parts.reduce(0) { $0 + $1.count }
        places += (set.order ?? Array(0..<Int32(stored))).map { start + $0 }
        start += Int32(stored)
      }
      order = places
    }
    let first = sets[0].commonSize
    let haveCommonSize = sets.allSatisfy { set in
      set.commonSize.map { size in first.map { $0 == size } ?? false } ?? false
    }
    return ImageSet(
      parts: sets.flatMap(\.parts), order: order,
      labels: sets.allSatisfy { $0.labels != nil } ? sets.flatMap { $0.labels ?? [] } : nil,
      channels: sets[0].channels, shortestSide: sets.map(\.shortestSide).min() ?? 0,
      commonSize: haveCommonSize ? first : nil)
  }

  /// The images at `indices`, in that order. Traps on an index that is not there.
  public func selecting(_ indices: [Int]) -> ImageSet {
    precondition(indices.allSatisfy { (0..<count).contains($0) }, "no such image")
    return ImageSet(
      parts: parts, order: indices.map { order?[$0] ?? Int32($0) },
      labels: labels.map { labels in indices.map { labels[$0] } }, channels: channels,
      shortestSide: shortestSide, commonSize: commonSize)
  }

  /// The image at a place `0..<count`, taken out of how it is stored. Traps outside.
  public subscript(index: Int) -> ByteImage {
    precondition(index >= 0 && index < count, "image \(index) of \(count)")
    var place = order.map { Int($0[index]) } ?? index
    for part in parts {
      if place < part.count {
        switch part {
        case .packed(let images): return images[place]
        case .single(let images): return images[place]
        }
      }
      place -= part.count
    }
    preconditionFailure("image \(index) lies in no part")
  }

  /// How many images of each class there are, as many numbers as `classes`; nil without labels.
  /// Traps on labels beyond.
  public func classCounts(classes: Int) -> [Int]? {
    labels.map { labels in
      var counts = [Int](repeating: 0, count: classes)
      for label in labels { counts[Int(label)] += 1 }
      return counts
    }
  }
}
