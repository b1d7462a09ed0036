internal import CGDAL

extension RasterFile {
  /// Floats held by one patch at most: 4 GiB of them.
  private static let largestPatch = 1 << 30

  /// Reads chosen bands of a window as float32, and which pixels hold data.
  ///
  /// A pixel is invalid
  /// - where the file's mask (a mask band, or an alpha band at 0 that is not among those chosen) says
  ///   so;
  /// - where a chosen band is not a finite number;
  /// - where every chosen band that has a nodata value equals it. One dark band alone does not
  ///   make a pixel nodata: with nodata 0, a lake's near infrared may well be 0.
  ///
  /// A mask band overrules nodata values that the file declares, as it does in GDAL. `override`
  /// replaces the nodata value of every band and counts beside any mask.
  ///
  /// - Parameters:
  ///   - window: Pixels of the raster; it must lie inside.
  ///   - bands: Band numbers from 1, in the order wanted; a number may be repeated.
  ///   - override: A nodata value to use instead of the file's own.
  ///   - outputWidth: Columns of the patch; the window's own where `nil`.
  ///   - outputHeight: Rows of the patch; the window's own where `nil`.
  ///   - resampling: How to come to another size. Overviews serve where the file has them.
  /// - Throws: ``RasterError`` where the window or a band is not there, or where pixels cannot be
  ///   read, as of a file cut short. Missing pixels are never made up.
  public func read(
    _ window: Window, bands: [Int], nodata override: Double? = nil,
    outputWidth: Int? = nil, outputHeight: Int? = nil, resampling: Resampling = .nearest
  ) throws -> RasterPatch {
    try description.check(window)
    try description.check(bands: bands)
    let width = outputWidth ?? window.width
    let height = outputHeight ?? window.height
    guard width > 0, height > 0, width <= Self.largestPatch, height <= Self.largestPatch,
      width * height <= Self.largestPatch / bands.count
    else {
      throw RasterError(
        operation: "read", path: description.path,
        reason: "\(width) × \(height) pixels of \(bands.count) bands are too many at once",
        remedy: "read smaller windows")
    }
    let request = Request(window: window, width: width, height: height, resampling: resampling)
    let source = try sourceForReading(request, nodata: override)
    var values = try readValues(request, bands: bands, from: source)
    var valid = [Bool](repeating: true, count: width * height)
    try applyMasks(request, bands: bands, hasOverride: override != nil, to: &valid)
    if override != nil || description.maskKind != .maskBand {
      let nodata = bands.map { override ?? description.bands[$0 - 1].nodata }
      Self.markNodata(nodata, values: values, valid: &valid)
    }
    Self.clearInvalid(&values, bandCount: bands.count, valid: &valid)
    return RasterPatch(
      width: width, height: height, bandCount: bands.count, values: values, valid: valid)
  }

  /// Whether the first band of each pixel of a window is other than 0, [height, width], as
  /// ``PolygonMask`` marks what is inside.
  /// - Throws: ``RasterError`` where the window is not inside or cannot be read.
  public func flags(of window: Window) throws -> [Bool] {
    try read(window, bands: [1]).values.map { $0 != 0 }
  }

  private struct Request {
    let window: Window
    let width: Int
    let height: Int
    let resampling: Resampling

    var isResampled: Bool { width != window.width || height != window.height }
  }

  /// The dataset itself; or, where pixels are blended under another nodata value than the file's,
  /// a virtual raster over it that declares that value, lest nodata be blended with data.
  private func sourceForReading(_ request: Request, nodata: Double?) throws -> GDALDataset {
    guard let nodata, nodata.isFinite, request.isResampled, request.resampling != .nearest,
      description.bands.allSatisfy({ band in
        band.dataType.integerRange.map { $0.contains(nodata) && nodata == nodata.rounded() } ?? true
      })
    else { return dataset }
    return try GDALErrors.collecting { errors in
      let arguments = GDALStringList(["-q", "-of", "VRT", "-a_nodata", "\(nodata)"])
      let options = arguments.withPointer { GDALTranslateOptionsNew($0, nil) }
      defer { GDALTranslateOptionsFree(options) }
      guard let handle = GDALTranslate("", dataset.handle, options, nil) else {
        throw unreadable(request.window, cause: errors.cause)
      }
      return GDALDataset(owning: handle)
    }
  }

  private func readValues(
    _ request: Request, bands: [Int], from source: GDALDataset
  ) throws -> [Float] {
    let bandCount = bands.count
    let count = request.width * request.height * bandCount
    let bytes = MemoryLayout<Float>.stride
    var numbers = bands.map { Int32($0) }
    return try GDALErrors.collecting { errors in
      try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        var extra = cgdal_extra_argument(request.resampling.algorithm)
        let result = GDALDatasetRasterIOEx(
          source.handle, GF_Read, Int32(request.window.column), Int32(request.window.row),
          Int32(request.window.width), Int32(request.window.height), buffer.baseAddress,
          Int32(request.width), Int32(request.height), GDT_Float32, Int32(bandCount), &numbers,
          Int64(bytes * bandCount), Int64(bytes * bandCount * request.width), Int64(bytes), &extra)
        try check(result, errors, request.window)
        initialized = count
      }
    }
  }

  /// Clears the flags of pixels that an alpha band, a mask band, or the masks of all the chosen
  /// bands together mark as without data.
  private func applyMasks(
    _ request: Request, bands: [Int], hasOverride: Bool, to valid: inout [Bool]
  ) throws {
    // An alpha band that is asked for is read as data, and says nothing of the others.
    if let alpha = description.bandIndex(showing: .alpha), !bands.contains(alpha) {
      let mask = try readMask(dataset.band(alpha), request)
      for pixel in valid.indices where !mask[pixel] { valid[pixel] = false }
    }
    switch description.maskKind {
    case .none, .nodata, .alpha: return
    case .maskBand:
      // A mask made of the file's nodata values goes when a person gives another value.
      let flags = GDALGetMaskFlags(dataset.band(bands[0]))
      if hasOverride, flags & GMF_NODATA != 0 { return }
      guard let band = GDALGetMaskBand(dataset.band(bands[0])) else { return }
      let mask = try readMask(band, request)
      for pixel in valid.indices where !mask[pixel] { valid[pixel] = false }
    case .maskPerBand:
      var any = [Bool](repeating: false, count: valid.count)
      for index in Set(bands).sorted() {
        guard let band = GDALGetMaskBand(dataset.band(index)) else { return }
        let mask = try readMask(band, request)
        for pixel in any.indices where mask[pixel] { any[pixel] = true }
      }
      for pixel in valid.indices where !any[pixel] { valid[pixel] = false }
    }
  }

  private func readMask(_ band: GDALRasterBandH, _ request: Request) throws -> [Bool] {
    let count = request.width * request.height
    return try GDALErrors.collecting { errors in
      let mask = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        let result = GDALRasterIO(
          band, GF_Read, Int32(request.window.column), Int32(request.window.row),
          Int32(request.window.width), Int32(request.window.height), buffer.baseAddress,
          Int32(request.width), Int32(request.height), GDT_Float32, 0, 0)
        try check(result, errors, request.window)
        initialized = count
      }
      return mask.map { $0 > 0 }
    }
  }

  /// Throws where GDAL could not read a window, or had to make pixels of it up.
  func check(_ result: CPLErr, _ errors: GDALErrors, _ window: Window) throws {
    // A JPEG cut short is a mere warning to its library, which fills the rest with grey.
    let cutShort = errors.warnings.first { $0.contains("Premature end") }
    guard result == CE_None, !errors.hasFailed, cutShort == nil else {
      throw unreadable(window, cause: errors.failures.first ?? cutShort)
    }
  }

  private func unreadable(_ window: Window, cause: String?) -> RasterError {
    RasterError(
      operation: "read", path: description.path,
      reason: "the file is damaged or cut short"
        + (cause.map { " (\(GDALErrors.message($0, without: description.path)))" } ?? "")
        + " in the \(window.width) × \(window.height) pixels at column \(window.column), "
        + "row \(window.row)",
      remedy: "get the file again")
  }

  /// Clears the flags of pixels at which every band that has a nodata value equals it.
  private static func markNodata(
    _ nodata: [Double?], values: [Float], valid: inout [Bool]
  ) {
    let declared = nodata.enumerated().compactMap { band, value -> (band: Int, value: Float)? in
      guard let value, !value.isNaN else { return nil }
      // A float64 nodata beyond float32 is read as the largest float32.
      let largest = Double(Float.greatestFiniteMagnitude)
      return (band, Float(min(max(value, -largest), largest)))
    }
    guard !declared.isEmpty else { return }
    for pixel in valid.indices
    where declared.allSatisfy({ values[pixel * nodata.count + $0.band] == $0.value }) {
      valid[pixel] = false
    }
  }

  /// Clears the flags of pixels with a band that is not finite, then the values of every pixel
  /// whose flag is cleared.
  private static func clearInvalid(
    _ values: inout [Float], bandCount: Int, valid: inout [Bool]
  ) {
    for pixel in valid.indices {
      let start = pixel * bandCount
      for position in start..<start + bandCount where !values[position].isFinite {
        valid[pixel] = false
      }
      guard !valid[pixel] else { continue }
      for position in start..<start + bandCount { values[position] = 0 }
    }
  }
}

extension Resampling {
  fileprivate var algorithm: GDALRIOResampleAlg {
    switch self {
    case .nearest: GRIORA_NearestNeighbour
    case .average: GRIORA_Average
    case .bilinear: GRIORA_Bilinear
    case .mode: GRIORA_Mode
    }
  }
}
