internal import CGDAL

/// The file formats that rasters are written in.
public enum RasterFormat: String, Sendable, Equatable, CaseIterable {
  /// A cloud-optimised GeoTIFF.
  case cog = "COG"
  /// A tiled GeoTIFF with overviews inside.
  case geoTIFF = "GTiff"

  /// Options that leave the pixels and the grid as they are; all others are refused.
  private var permittedOptions: Set<String> {
    let both: Set = [
      "BIGTIFF", "COMPRESS", "GEOTIFF_VERSION", "NUM_THREADS", "PREDICTOR", "SPARSE_OK",
    ]
    return switch self {
    case .cog:
      both.union([
        "BLOCKSIZE", "LEVEL", "OVERVIEWS", "OVERVIEW_COMPRESS", "OVERVIEW_COUNT",
        "OVERVIEW_PREDICTOR", "OVERVIEW_RESAMPLING",
      ])
    case .geoTIFF:
      both.union([
        "BLOCKXSIZE", "BLOCKYSIZE", "ENDIANNESS", "GEOTIFF_KEYS_FLAVOR", "INTERLEAVE",
        "LZMA_PRESET", "TILED", "ZLEVEL", "ZSTD_LEVEL",
      ])
    }
  }

  private static let losslessCompressions: Set = [
    "NONE", "LZW", "DEFLATE", "LZMA", "ZSTD", "PACKBITS",
  ]

  /// GDAL's creation options: ours, and over them the given ones.
  ///
  /// - Throws: ``RasterError`` naming `path` where an option is not known, has a value that is not
  ///   one of its own, or would change pixels or grid.
  func creationOptions(
    _ given: [String: String], isFloatingPoint: Bool, overviews: OverviewResampling, threads: Int,
    path: String
  ) throws -> GDALStringList {
    func failure(_ reason: String, _ remedy: String) -> RasterError {
      RasterError(operation: "write", path: path, reason: reason, remedy: remedy)
    }
    var options = ["COMPRESS": "DEFLATE", "BIGTIFF": "IF_SAFER", "NUM_THREADS": "\(threads)"]
    switch self {
    case .cog:
      options["OVERVIEW_RESAMPLING"] = overviews.rawValue
    case .geoTIFF:
      options.merge([
        "TILED": "YES", "BLOCKXSIZE": "512", "BLOCKYSIZE": "512", "COPY_SRC_OVERVIEWS": "YES",
      ]) { $1 }
    }
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      let key = key.uppercased()
      guard permittedOptions.contains(key) else {
        throw failure(
          "\(key) is not a creation option for it in the format \(rawValue)",
          "use one of \(permittedOptions.sorted().joined(separator: ", "))")
      }
      if key == "COMPRESS" || key == "OVERVIEW_COMPRESS",
        !Self.losslessCompressions.contains(value.uppercased())
      {
        throw failure(
          "\(key)=\(value) does not keep every pixel's value",
          "use one of \(Self.losslessCompressions.sorted().joined(separator: ", "))")
      }
      options[key] = value
    }
    // Only these three compressions know predictors.
    let compression = (options["COMPRESS"] ?? "").uppercased()
    if isFloatingPoint, options["PREDICTOR"] == nil,
      ["DEFLATE", "LZW", "ZSTD"].contains(compression)
    {
      options["PREDICTOR"] = self == .cog ? "FLOATING_POINT" : "3"
    }
    let list = GDALStringList(pairs: options)
    // GDAL merely warns of a value of the wrong type, and then takes it for 0.
    let complaint = GDALErrors.collecting { errors in
      _ = list.withPointer { GDALValidateCreationOptions(driver, $0) }
      return errors.cause
    }
    if let complaint {
      throw failure(complaint, "see gdalinfo --format \(rawValue) for the values of each option")
    }
    return list
  }

  var driver: GDALDriverH {
    precondition(GDALDataset.driversAreRegistered)
    guard let driver = GDALGetDriverByName(rawValue) else {
      preconditionFailure("GDAL was built without its own format \(rawValue)")
    }
    return driver
  }
}

/// How overviews come from full resolution: GDAL's name of the method.
enum OverviewResampling: String {
  /// The most frequent value, for labels.
  case mode = "MODE"
  /// The mean of the valid pixels.
  case average = "AVERAGE"
}
