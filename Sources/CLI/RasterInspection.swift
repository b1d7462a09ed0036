import Raster

/// What `iic inspect` says of a raster.
struct RasterInspection: Encodable {
  struct Band: Encodable {
    let band: Int
    let name: String
    let dataType: String
    let shows: String
    /// The value that marks pixels without data, as text: it may be NaN, which JSON cannot say.
    let nodata: String?
    let categories: [String]?
  }

  struct Size: Encodable {
    let width: Int
    let height: Int
  }

  let kind = "raster"
  let path: String
  let usable: Bool
  let format: String
  let cloudOptimised: Bool
  let width: Int
  let height: Int
  let bytes: Int
  let compression: String?
  let block: Size
  let overviews: [Size]
  let coordinateSystem: String?
  let geoTransform: [Double]?
  let mask: String
  let bands: [Band]
  let metadata: [String: String]

  init(_ description: RasterDescription) {
    path = description.path
    usable = !description.dataBandIndices.isEmpty
    format = description.driver
    cloudOptimised = description.isCloudOptimised
    width = description.width
    height = description.height
    bytes = description.fileSize
    compression = description.compression
    block = Size(width: description.blockWidth, height: description.blockHeight)
    overviews = description.overviews.map { Size(width: $0.width, height: $0.height) }
    coordinateSystem = description.coordinateSystemName ?? description.coordinateSystem
    geoTransform = description.geoTransform
    mask = description.maskKind.rawValue
    bands = description.bands.map { band in
      Band(
        band: band.index, name: band.name, dataType: band.dataType.rawValue,
        shows: band.colourInterpretation.rawValue, nodata: band.nodata.map { "\($0)" },
        categories: band.categoryNames.isEmpty ? nil : band.categoryNames)
    }
    metadata = description.metadata
  }

  var text: String {
    var lines = [
      "\(path): \(cloudOptimised ? "cloud-optimised " : "")\(format) raster, \(width) × \(height) "
        + "pixels, \(Numbers.counted(bands.count, "band")), "
        + Numbers.bytes(bytes),
      "  coordinate system  \(coordinateSystem ?? "none")",
    ]
    if let g = geoTransform {
      lines.append("  upper left corner  \(g[0]), \(g[3])")
      lines.append(
        "  pixel size         \(g[1]) × \(g[5])" + (g[2] == 0 && g[4] == 0 ? "" : ", rotated"))
    }
    lines.append(
      "  stored             in blocks of \(block.width) × \(block.height), "
        + "\(compression ?? "no") compression, \(Numbers.counted(overviews.count, "overview"))")
    lines.append("  no data            \(mask)")
    var table = TextTable([
      ("  band", .right), ("name", .left), ("type", .left), ("shows", .left), ("nodata", .right),
    ])
    for band in bands {
      table.add(["\(band.band)", band.name, band.dataType, band.shows, band.nodata ?? "–"])
    }
    lines.append(table.text)
    if let names = bands.first?.categories {
      lines.append("  classes            " + names.joined(separator: ", "))
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(key) = \(value)")
    }
    lines.append(verdict)
    return lines.joined(separator: "\n")
  }

  /// Why iic cannot use it; nil where it can.
  var reason: String? { usable ? nil : "it has transparency and no band of data" }

  /// Whether iic can use it, and how.
  private var verdict: String {
    if let reason { return "iic cannot use it: \(reason)" }
    let path = CommandLineRecord.quoted(path)
    let isPalette = bands.first?.shows == ColourInterpretation.palette.rawValue
    guard isPalette || bands.first?.categories != nil else {
      return "iic can use it: iic segment \(path) -o labels.tif"
    }
    let use = "iic can use it, a map of classes: iic evaluate \(path) --truth truth.tif"
    return bands.first?.categories == nil
      ? use
        + "\nas a picture its colours are needed first: gdal_translate -expand rgb \(path) rgb.tif"
      : use
  }
}
