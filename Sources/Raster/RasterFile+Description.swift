internal import CGDAL

extension RasterFile {
  /// Beyond these a header is taken to be damaged: no sensor's mosaic is ten million pixels wide,
  /// and a block is held in memory whole.
  private static let largestSide = 10_000_000
  private static let largestBandCount = 4_096
  private static let largestBlockBytes = 1 << 30

  static func describe(
    _ dataset: GDALDataset, path: String, fileSize: Int,
    failure: (String, String) -> RasterError
  ) throws -> RasterDescription {
    let handle = dataset.handle
    let width = Int(GDALGetRasterXSize(handle))
    let height = Int(GDALGetRasterYSize(handle))
    let bandCount = Int(GDALGetRasterCount(handle))
    guard bandCount > 0 else {
      throw failure("it has no bands", "give a raster with at least one band of pixels")
    }
    guard (1...largestSide).contains(width), (1...largestSide).contains(height),
      bandCount <= largestBandCount
    else {
      throw failure(
        "its header says \(width) × \(height) pixels of \(bandCount) bands, which is absurd",
        "get the file again, or cut it with gdal_translate -srcwin")
    }
    let bands = try (1...bandCount).map { index in
      try describeBand(dataset.band(index), index: index, failure: failure)
    }
    let first = dataset.band(1)
    var blockWidth: Int32 = 0
    var blockHeight: Int32 = 0
    GDALGetBlockSize(first, &blockWidth, &blockHeight)
    let blockBytes =
      Int(blockWidth) * Int(blockHeight)
      * Int(GDALGetDataTypeSizeBytes(GDALGetRasterDataType(first)))
    guard blockBytes <= largestBlockBytes else {
      throw failure(
        "it is stored in blocks of \(blockWidth) × \(blockHeight) pixels, too large to hold",
        "store it in tiles: gdal_translate -co TILED=YES \(path) tiled.tif")
    }
    var transform = [Double](repeating: 0, count: 6)
    let hasTransform = GDALGetGeoTransform(handle, &transform) == CE_None
    let system = describeCoordinateSystem(of: handle)
    func structure(_ item: String) -> String? {
      GDALGetMetadataItem(handle, item, "IMAGE_STRUCTURE").map { String(cString: $0) }
    }
    let overviews = (0..<max(GDALGetOverviewCount(first), 0)).compactMap { level in
      GDALGetOverview(first, level).map { overview in
        Window(
          column: 0, row: 0, width: Int(GDALGetRasterBandXSize(overview)),
          height: Int(GDALGetRasterBandYSize(overview)))
      }
    }
    let geoTransform = hasTransform && transform.allSatisfy(\.isFinite) ? transform : nil
    return RasterDescription(
      path: path,
      driver: GDALGetDatasetDriver(handle).flatMap { GDALGetDriverShortName($0) }
        .map { String(cString: $0) } ?? "",
      width: width, height: height, bands: bands,
      geoTransform: geoTransform,
      hasGroundControlPoints: GDALGetGCPCount(handle) > 0,
      pixelArea: geoTransform.flatMap { pixelArea(of: handle, geoTransform: $0) },
      coordinateSystem: system?.text, coordinateSystemName: system?.name,
      blockWidth: Int(blockWidth), blockHeight: Int(blockHeight),
      maskKind: maskKind(of: dataset, bands: bands), overviews: overviews,
      compression: structure("COMPRESSION"), isCloudOptimised: structure("LAYOUT") == "COG",
      fileSize: fileSize, metadata: metadata(of: handle, domain: nil))
  }

  private static func describeBand(
    _ band: GDALRasterBandH, index: Int, failure: (String, String) -> RasterError
  ) throws -> BandDescription {
    let typeName =
      GDALGetDataTypeName(GDALGetRasterDataType(band)).map { String(cString: $0) } ?? "unknown"
    guard let dataType = dataType(named: typeName) else {
      throw failure(
        typeName.hasPrefix("C")
          ? "band \(index) holds complex numbers (\(typeName))"
          : "band \(index) is of an unknown data type (\(typeName))",
        "give a raster of real numbers, such as the amplitude")
    }
    var hasNodata: Int32 = 0
    let nodata = GDALGetRasterNoDataValue(band, &hasNodata)
    let ownName = GDALGetDescription(band).map { String(cString: $0) } ?? ""
    let interpretation = interpretation(of: band, name: ownName)
    let fallback: String =
      switch interpretation {
      case .red, .green, .blue, .nearInfrared, .alpha: interpretation.rawValue
      case .undefined, .grey, .palette: "band \(index)"
      }
    return BandDescription(
      index: index, name: ownName.isEmpty ? fallback : ownName, dataType: dataType,
      nodata: hasNodata == 0 ? nil : nodata, colourInterpretation: interpretation,
      categoryNames: strings(GDALGetRasterCategoryNames(band)), colourTable: colourTable(of: band))
  }

  private static func dataType(named name: String) -> RasterDataType? {
    name == "Byte" ? .uint8 : RasterDataType(rawValue: name.lowercased())
  }

  /// What the file declares; where that says nothing, what the band's name or wavelength says.
  private static func interpretation(
    of band: GDALRasterBandH, name: String
  ) -> ColourInterpretation {
    let declared = GDALGetRasterColorInterpretation(band)
    switch declared {
    case GCI_RedBand: return .red
    case GCI_GreenBand: return .green
    case GCI_BlueBand: return .blue
    case GCI_AlphaBand: return .alpha
    case GCI_PaletteIndex: return .palette
    default: break
    }
    let declaredName =
      GDALGetColorInterpretationName(declared).map { String(cString: $0) } ?? ""
    for text in [declaredName, name] {
      let letters = text.lowercased().filter(\.isLetter)
      switch letters {
      case "red", "green", "blue", "alpha":
        return ColourInterpretation(rawValue: letters) ?? .undefined
      case "nir", "nearinfrared", "nearir", "infrared": return .nearInfrared
      default: break
      }
    }
    if let item = GDALGetMetadataItem(band, "CENTRAL_WAVELENGTH_UM", "IMAGERY"),
      let micrometres = Double(String(cString: item)), (0.76...1.0).contains(micrometres)
    {
      return .nearInfrared
    }
    return declared == GCI_GrayIndex ? .grey : .undefined
  }

  private static func colourTable(of band: GDALRasterBandH) -> [RGBColour] {
    guard let table = GDALGetRasterColorTable(band) else { return [] }
    return (0..<GDALGetColorEntryCount(table)).map { index in
      var entry = GDALColorEntry()
      GDALGetColorEntryAsRGB(table, index, &entry)
      return RGBColour(
        red: UInt8(clamping: entry.c1), green: UInt8(clamping: entry.c2),
        blue: UInt8(clamping: entry.c3))
    }
  }

  private static func maskKind(of dataset: GDALDataset, bands: [BandDescription]) -> MaskKind {
    let first = bands.first { $0.colourInterpretation != .alpha } ?? bands[0]
    let flags = GDALGetMaskFlags(dataset.band(first.index))
    if flags & GMF_ALPHA == 0, flags & (GMF_NODATA | GMF_ALL_VALID) == 0 {
      return flags & GMF_PER_DATASET != 0 ? .maskBand : .maskPerBand
    }
    if flags & GMF_NODATA != 0, flags & GMF_PER_DATASET != 0 { return .maskBand }
    if bands.contains(where: { $0.colourInterpretation == .alpha }) { return .alpha }
    return bands.contains { $0.nodata != nil } ? .nodata : .none
  }

  private static func pixelArea(of handle: GDALDatasetH, geoTransform g: [Double]) -> Double? {
    guard let system = GDALGetSpatialRef(handle), OSRIsProjected(system) != 0,
      let projection = OSRGetAttrValue(system, "PROJECTION", 0).map({ String(cString: $0) }),
      !projection.hasPrefix("Mercator")
    else { return nil }
    let metres = OSRGetLinearUnits(system, nil)
    let area = abs(g[1] * g[5] - g[2] * g[4]) * metres * metres
    return area.isNormal ? area : nil
  }

  private static func describeCoordinateSystem(
    of handle: GDALDatasetH
  ) -> (text: String, name: String)? {
    guard let system = GDALGetSpatialRef(handle) else { return nil }
    var text: UnsafeMutablePointer<CChar>?
    defer { VSIFree(text) }
    let options = GDALStringList(["FORMAT=WKT2_2019", "MULTILINE=NO"])
    let result = options.withConstantPointer { OSRExportToWktEx(system, &text, $0) }
    guard result == OGRERR_NONE, let text else { return nil }
    var name = OSRGetName(system).map { String(cString: $0) } ?? "unnamed"
    if let authority = OSRGetAuthorityName(system, nil), let code = OSRGetAuthorityCode(system, nil)
    {
      name += " (\(String(cString: authority)):\(String(cString: code)))"
    }
    return (String(cString: text), name)
  }

  private static func metadata(
    of handle: GDALMajorObjectH, domain: String?
  ) -> [String: String] {
    var items: [String: String] = [:]
    for pair in strings(GDALGetMetadata(handle, domain)) {
      guard let separator = pair.firstIndex(of: "=") else { continue }
      items[String(pair[..<separator])] = String(pair[pair.index(after: separator)...])
    }
    return items
  }

  private static func strings(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> [String] {
    (0..<Int(CSLCount(list))).compactMap { index in list?[index].map { String(cString: $0) } }
  }
}
