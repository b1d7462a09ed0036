internal import Foundation
internal import Raster
public import Tensor

/// The published way from an image of a dataset to a pair of views of a patch, with the arithmetic of
/// the libraries it was published with: scaling as OpenCV's, changes of colour as PIL's on 8 bits,
/// affine maps as PyTorch's grids.
///
/// The image is scaled (once for all, then at random); a square is cropped at random, zeros around
/// where the image is smaller. View 1 is the crop. View 2 is the crop with its visible colours
/// jittered, then turned and sheared, then flipped from left to right half of the time.
public struct PublishedPatchViews: Sendable, Equatable {
  /// Rows and columns of a view; even.
  public var side: Int
  /// What every image is scaled by, for training and scoring; nil for not at all.
  public var scale: Double?
  /// What images are scaled by at random, for training alone; nil for not at all. Published, where
  /// used: 0.6 to 1.4.
  public var randomScale: ClosedRange<Float>?
  /// How much colours change, and of which bands; nil for not at all.
  public var jitter: PhotometricJitter?
  /// The affine maps of view 2; nil for none.
  public var affine: PatchViews.AffineRange?
  /// How many of the second views are flipped, 0…1.
  public var flipProbability: Float = 0.5
  /// Whether the loss is kept away from pixels without a class that is kept: of COCO-Stuff it is,
  /// of Potsdam not.
  public var masksByLabels: Bool

  /// Views of a size. Traps unless it is even and at least 2.
  public init(side: Int, jitter: PhotometricJitter?, masksByLabels: Bool) {
    precondition(side >= 2 && side % 2 == 0, "views of \(side) pixels")
    self.side = side
    self.jitter = jitter
    self.masksByLabels = masksByLabels
  }

  /// What is left to chance in a pair.
  struct Draw: Sendable, Equatable {
    var randomScale: Double?
    /// Where the crop begins in the scaled and padded image.
    var column: Int
    var row: Int
    /// Changes of colour: of all visible bands together, or of each band of its own.
    var changes: [[ColourChange]] = []
    /// From a place in view 2, before the flip, to the crop.
    var map: PlaneMap?
    var flips: Bool
  }

  /// Draws what is left to chance in a pair of an image of so many pixels.
  func draw(width: Int, height: Int, using generator: inout SeededGenerator) -> Draw {
    let random = randomScale.map { Double(generator.uniform($0)) }
    var (width, height) = (width, height)
    for factor in [scale, random].compactMap({ $0 }) {
      width = FloatImage.scaled(width, by: factor)
      height = FloatImage.scaled(height, by: factor)
    }
    let column = Int.random(in: 0..<CropPlace.count(along: width, side: side), using: &generator)
    let row = Int.random(in: 0..<CropPlace.count(along: height, side: side), using: &generator)
    var changes: [[ColourChange]] = []
    if let jitter {
      let count =
        switch jitter.bands {
        case .visible: 1
        case .separate(let bands): bands.count
        }
      for _ in 0..<count {
        changes.append(jitter.drawSteps(using: &generator).map(\.colourChange))
      }
    }
    let map = affine.map { PatchViews.drawMap($0, using: &generator) }
    return Draw(
      randomScale: random, column: column, row: row, changes: changes, map: map,
      flips: generator.uniform(0...1) < flipProbability)
  }

  /// A random pair of views of an image.
  public func pair(of image: PatchImage, using generator: inout SeededGenerator) -> PatchPair {
    pair(
      of: image,
      draw(width: image.image.width, height: image.image.height, using: &generator))
  }

  /// The pair of views that a draw comes to.
  func pair(of image: PatchImage, _ draw: Draw) -> PatchPair {
    let crop = crop(of: image, randomScale: draw.randomScale) { width, height in
      CropPlace(column: draw.column, row: draw.row, side: side, width: width, height: height)
    }
    let bytes = crop.image.bytes
    let first = patch(of: bytes)
    var second = patch(of: jittered(bytes, by: draw.changes))
    var toSecond = PlaneMap.identity
    if let map = draw.map {
      second = Self.warped(second, by: map)
      toSecond = map.inverse
    }
    let orientation = PatchOrientation(flipsHorizontally: draw.flips)
    second = orientation.applied(to: second)
    toSecond = orientation.map.following(toSecond)
    var mask = crop.valid.map { $0 ? Float(1) : 0 }
    if masksByLabels, let labels = crop.labels {
      for pixel in labels.indices where labels[pixel] == PatchImage.noLabel { mask[pixel] = 0 }
    }
    return PatchPair(
      first: first, second: second,
      matrix: [toSecond.xx, toSecond.xy, 0, toSecond.yx, toSecond.yy, 0], mask: mask)
  }

  /// What an image is scored by: the square in its middle, bands 0…1 [side, side, bands], and its
  /// pixels' classes, or ``PatchImage/noLabel``. Values are not rounded after scaling, as published.
  public func scoring(of image: PatchImage) -> (values: [Float], labels: [UInt8]) {
    let crop = crop(of: image, randomScale: nil) { width, height in
      CropPlace(centreOf: width, height, side: side)
    }
    let labels =
      crop.labels ?? [UInt8](repeating: PatchImage.noLabel, count: crop.valid.count)
    return (
      crop.image.values.map { $0 / 255 },
      zip(labels, crop.valid).map { $1 ? $0 : PatchImage.noLabel }
    )
  }

  private struct Crop {
    var image: FloatImage
    var labels: [UInt8]?
    /// False in the padding and where the image has no data.
    var valid: [Bool]
  }

  private func crop(
    of image: PatchImage, randomScale: Double?, place: (_ width: Int, _ height: Int) -> CropPlace
  ) -> Crop {
    var scaled = FloatImage(image.image)
    let count = image.image.width * image.image.height
    // Labels and flags travel together: they are scaled alike.
    var labels = image.labels.map {
      LabelImage(width: image.image.width, height: image.image.height, values: $0)
    }
    var valid = LabelImage(
      width: image.image.width, height: image.image.height,
      values: image.valid.map { $0.map { $0 ? 1 : 0 } } ?? [UInt8](repeating: 1, count: count))
    for factor in [scale, randomScale].compactMap({ $0 }) {
      scaled = scaled.scaled(by: factor)
      labels = labels?.scaled(by: factor)
      valid = valid.scaled(by: factor)
    }
    let place = place(scaled.width, scaled.height)
    func cropped<Value>(_ values: [Value], channels: Int = 1, outside: Value) -> [Value] {
      place.crop(
        values, width: scaled.width, height: scaled.height, channels: channels, outside: outside)
    }
    return Crop(
      image: FloatImage(
        width: side, height: side, channels: scaled.channels,
        values: cropped(scaled.values, channels: scaled.channels, outside: 0)),
      labels: labels.map { cropped($0.values, outside: PatchImage.noLabel) },
      valid: cropped(valid.values, outside: 0).map { $0 != 0 })
  }

  private func patch(of image: ByteImage) -> Patch {
    Patch(
      side: side, bandCount: image.channels, values: image.pixels.map { Float($0) / 255 },
      valid: [Bool](repeating: true, count: side * side))
  }

  /// The image with its visible bands changed together, or given bands one by one.
  private func jittered(_ image: ByteImage, by changes: [[ColourChange]]) -> ByteImage {
    guard let jitter else { return image }
    var pixels = image.pixels
    func change(_ bands: [Int], by changes: [ColourChange]) {
      var taken: [UInt8] = []
      taken.reserveCapacity(side * side * bands.count)
      for pixel in 0..<side * side {
        for band in bands { taken.append(image.pixels[pixel * image.channels + band]) }
      }
      let changed = ByteImage(
        width: side, height: side, channels: bands.count, pixels: taken
      ).jittered(changes)
      for pixel in 0..<side * side {
        for (index, band) in bands.enumerated() {
          pixels[pixel * image.channels + band] = changed.pixels[pixel * bands.count + index]
        }
      }
    }
    switch jitter.bands {
    case .visible(let red, let green, let blue): change([red, green, blue], by: changes[0])
    case .separate(let bands):
      for (band, own) in zip(bands, changes) { change([band], by: own) }
    }
    return ByteImage(
      width: image.width, height: image.height, channels: image.channels, pixels: pixels)
  }

  /// `patch` sampled bilinearly at where `map` takes each place, zeros outside.
  private static func warped(_ patch: Patch, by map: PlaneMap) -> Patch {
    var result = patch
    let bands = patch.bandCount
    for row in 0..<patch.side {
      for column in 0..<patch.side {
        let pixel = row * patch.side + column
        let corners = BilinearCorners(
          of: map.position(ofColumn: column, row: row, side: patch.side), side: patch.side)
        for band in 0..<bands {
          var sum: Float = 0
          for corner in 0..<4 where corners.weights[corner] > 0 {
            sum += corners.weights[corner] * patch.values[corners.pixels[corner] * bands + band]
          }
          result.values[pixel * bands + band] = sum
        }
      }
    }
    return result
  }
}

extension PhotometricJitter.Step {
  /// The same change as PIL makes it of 8 bits.
  var colourChange: ColourChange {
    switch self {
    case .brightness(let factor): .brightness(Double(factor))
    case .contrast(let factor): .contrast(Double(factor))
    case .saturation(let factor): .saturation(Double(factor))
    case .hue(let turn): .hue(Double(turn))
    }
  }
}
