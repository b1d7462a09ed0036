internal import CGDAL

extension ByteImage {
  /// Pixels of an image at most, 8192 × 8192.
  private static let largestPixelCount = 1 << 26

  /// Reads an image file of any format that ``RasterFile`` opens, as grey or RGB of 8 bits.
  ///
  /// - Of more than three bands red, green and blue count, where the file says which they are, or
  ///   else the first three; of two, the first. Palettes become RGB.
  /// - Transparency is laid over white; pixels without data are black.
  /// - 16 bits of a PNG or JPEG 2000 file are scaled by what the file can hold. Other values of
  ///   more than 8 bits say nothing of what is white: those within 0…255 stay as they are, numbers
  ///   with a fraction within 0…1 are multiplied by 255, and all else is stretched between the
  ///   image's own least and greatest value.
  ///
  /// Sidecar files are not looked at.
  ///
  /// - Throws: ``RasterError`` where the file is missing, no image, damaged or cut short, or has more
  ///   than 8192 × 8192 pixels.
  public static func decode(_ path: String) throws -> ByteImage {
    // Without this GDAL lists the whole folder for each file opened.
    try GDALThreadOption.with("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR") {
      try decode(try RasterFile.open(path))
    }
  }

  private static func decode(_ file: RasterFile) throws -> ByteImage {
    let description = file.description
    guard description.width * description.height <= largestPixelCount else {
      throw RasterError(
        operation: "read", path: description.path,
        reason: "\(description.width) × \(description.height) pixels are too many for one image",
        remedy: "scale it down, or cut it into pieces")
    }
    let colours = visibleBands(of: description)
    let alpha = description.bandIndex(showing: .alpha)
    let patch = try file.read(
      description.fullWindow, bands: colours + (alpha.map { [$0] } ?? []))
    let pixelCount = description.width * description.height
    let bandCount = patch.values.count / pixelCount

    let palette = description.bands[colours[0] - 1].colourTable
    if colours.count == 1, !palette.isEmpty {
      let pixels = (0..<pixelCount).flatMap { pixel -> [UInt8] in
        let value = patch.values[pixel * bandCount]
        guard patch.valid[pixel], value >= 0, value < Float(palette.count) else {
          return [0, 0, 0]
        }
        let colour = palette[Int(value)]
        return [colour.red, colour.green, colour.blue]
      }
      return ByteImage(
        width: description.width, height: description.height, channels: 3, pixels: pixels)
    }

    let scaling = file.scaling(of: patch, colours: colours)
    let opaque: Float = alpha.map { file.fullScale(of: $0) ?? 255 } ?? 1
    var pixels: [UInt8] = []
    pixels.reserveCapacity(pixelCount * colours.count)
    for pixel in 0..<pixelCount {
      let first = pixel * bandCount
      // A pixel that is transparent throughout has been read as one without data.
      let opacity =
        alpha == nil ? 1 : min(max(patch.values[first + colours.count] / opaque, 0), 1)
      for channel in 0..<colours.count {
        let value =
          patch.valid[pixel]
          ? Float((Double(patch.values[first + channel]) - scaling.black) * scaling.slope) : 0
        pixels.append(UInt8(min(max(255 + opacity * (value - 255), 0), 255).rounded()))
      }
    }
    return ByteImage(
      width: description.width, height: description.height, channels: colours.count,
      pixels: pixels)
  }

  /// Three bands for red, green and blue, or one for grey.
  private static func visibleBands(of description: RasterDescription) -> [Int] {
    let named = [.red, .green, .blue].compactMap { description.bandIndex(showing: $0) }
    if named.count == 3 { return named }
    let data = description.dataBandIndices
    if data.count >= 3 { return Array(data[0..<3]) }
    return [data.first ?? 1]
  }
}

extension RasterFile {
  /// The greatest value that a band of an image format can hold, or nil where the band's type does
  /// not say what is white.
  fileprivate func fullScale(of band: Int) -> Float? {
    switch description.bands[band - 1].dataType {
    case .uint8: return 255
    case .uint16 where ["PNG", "JP2OpenJPEG"].contains(description.driver):
      let bits = GDALGetMetadataItem(dataset.band(band), "NBITS", "IMAGE_STRUCTURE")
        .flatMap { Int(String(cString: $0)) }
      return bits.flatMap { (1...16).contains($0) ? Float((1 << $0) - 1) : nil } ?? 65_535
    case .uint16: return description.bandIndex(showing: .alpha) == band ? 65_535 : nil
    default: return nil
    }
  }

  /// How values become 0…255: (value − black) · slope.
  fileprivate func scaling(
    of patch: RasterPatch, colours: [Int]
  ) -> (black: Double, slope: Double) {
    if let white = fullScale(of: colours[0]) { return (0, 255 / Double(white)) }
    let bandCount = patch.values.count / patch.valid.count
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for pixel in patch.valid.indices where patch.valid[pixel] {
      for channel in colours.indices {
        least = min(least, patch.values[pixel * bandCount + channel])
        greatest = max(greatest, patch.values[pixel * bandCount + channel])
      }
    }
    let isInteger = description.bands[colours[0] - 1].dataType.integerRange != nil
    if least >= 0, greatest <= 1, !isInteger { return (0, 255) }
    if least >= 0, greatest <= 255 { return (0, 1) }
    guard greatest > least else { return (Double(least), 0) }
    return (Double(least), 255 / (Double(greatest) - Double(least)))
  }
}
