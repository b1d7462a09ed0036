public import Raster

/// A rectangle of an image's pixels; it may reach beyond the image.
public struct PixelBox: Sendable, Equatable {
  /// The first column, from 0.
  public var column: Int
  /// The first row, from 0.
  public var row: Int
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A rectangle.
  public init(column: Int, row: Int, width: Int, height: Int) {
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }
}

extension ByteImage {
  /// The pixels inside a box; 0 where it reaches beyond the image, as PIL's `crop` does.
  public func cropped(to box: PixelBox) -> ByteImage {
    if box == PixelBox(column: 0, row: 0, width: width, height: height) { return self }
    var result = [UInt8](repeating: 0, count: box.width * box.height * channels)
    let columns = max(box.column, 0)..<max(min(box.column + box.width, width), max(box.column, 0))
    let source = pixels.span
    var target = result.mutableSpan
    for row in max(box.row, 0)..<max(min(box.row + box.height, height), max(box.row, 0)) {
      var from = (row * width + columns.lowerBound) * channels
      var to = ((row - box.row) * box.width + columns.lowerBound - box.column) * channels
      for _ in 0..<columns.count * channels {
        target[to] = source[from]
        from += 1
        to += 1
      }
    }
    return ByteImage(width: box.width, height: box.height, channels: channels, pixels: result)
  }

  /// The square of `side` pixels in the middle, halves rounded to even, as torchvision's
  /// `CenterCrop` places it; with 0 around where the image is smaller.
  public func centreBox(side: Int) -> PixelBox {
    func start(_ extent: Int) -> Int {
      // A border around a smaller image is the thinner one at the top and left.
      extent >= side
        ? Int((Double(extent - side) / 2).rounded(.toNearestOrEven)) : -((side - extent) / 2)
    }
    return PixelBox(column: start(width), row: start(height), width: side, height: side)
  }

  /// The image with the pixels of a box set to 0: cutout (DeVries and Taylor, 2017).
  public func cuttingOut(_ box: PixelBox) -> ByteImage {
    var result = pixels
    var target = result.mutableSpan
    for row in max(box.row, 0)..<max(min(box.row + box.height, height), max(box.row, 0)) {
      for column in max(box.column, 0)..<max(min(box.column + box.width, width), max(box.column, 0))
      {
        for channel in 0..<channels { target[(row * width + column) * channels + channel] = 0 }
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }

  /// The image with left and right exchanged.
  public func flipped() -> ByteImage {
    var result = [UInt8](repeating: 0, count: pixels.count)
    let source = pixels.span
    var target = result.mutableSpan
    for row in 0..<height {
      for column in 0..<width {
        let from = (row * width + column) * channels
        let to = (row * width + width - 1 - column) * channels
        for channel in 0..<channels { target[to + channel] = source[from + channel] }
      }
    }
    return ByteImage(width: width, height: height, channels: channels, pixels: result)
  }

  /// Ten squares of `side` pixels: upper left, upper right, lower left, lower right, middle, then
  /// the same of the image flipped, as torchvision's `TenCrop`. Traps where the image is smaller.
  public func tenCrops(side: Int) -> [ByteImage] {
    precondition(side <= min(width, height), "crops of \(side) of \(height) × \(width) pixels")
    return [self, flipped()].flatMap { image in
      [
        PixelBox(column: 0, row: 0, width: side, height: side),
        PixelBox(column: width - side, row: 0, width: side, height: side),
        PixelBox(column: 0, row: height - side, width: side, height: side),
        PixelBox(column: width - side, row: height - side, width: side, height: side),
        image.centreBox(side: side),
      ].map { image.cropped(to: $0) }
    }
  }
}
