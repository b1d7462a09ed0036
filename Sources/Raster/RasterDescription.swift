/// How the pixels of a band are stored.
public enum RasterDataType: String, Sendable, Equatable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// The values an integer type holds, or `nil` of a floating-point type.
  public var integerRange: ClosedRange<Double>? {
    switch self {
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65_535
    case .int16: -32_768...32_767
    case .uint32: 0...Double(UInt32.max)
    case .int32: Double(Int32.min)...Double(Int32.max)
    case .uint64: 0...Double(UInt64.max)
    case .int64: Double(Int64.min)...Double(Int64.max)
    case .float32, .float64: nil
    }
  }
}

/// What a band shows.
public enum ColourInterpretation: String, Sendable, Equatable {
  case undefined, grey, palette, red, green, blue
  case nearInfrared = "near infrared"
  case alpha
}

/// How a raster says which of its pixels hold data.
public enum MaskKind: String, Sendable, Equatable {
  /// Every pixel holds data, unless it is not a finite number.
  case none
  /// Bands declare a nodata value.
  case nodata
  /// A band of transparency: 0 is no data.
  case alpha
  /// One mask for the whole raster, stored with it or beside it.
  case maskBand = "mask band"
  /// A mask for each band.
  case maskPerBand = "mask per band"
}

/// One band of a raster.
public struct BandDescription: Sendable, Equatable {
  /// The band's number, from 1.
  public let index: Int
  /// The file's own name of the band; where it has none, what the band shows, or `band 3`.
  public let name: String
  /// How pixels are stored.
  public let dataType: RasterDataType
  /// The value that marks a pixel without data, where the file declares one. May be NaN.
  public let nodata: Double?
  /// What the band shows, as the file says it or as the band's name does (`NIR`).
  public let colourInterpretation: ColourInterpretation
  /// Names of the values 0, 1, …, of a band of categories; else empty.
  public let categoryNames: [String]
  /// Colours of the values 0, 1, …, of a band with a palette; else empty.
  public let colourTable: [RGBColour]
}

/// What a raster file says of itself, read without touching its pixels.
public struct RasterDescription: Sendable, Equatable {
  /// The path it was opened by.
  public let path: String
  /// GDAL's short name of the format, such as `GTiff`.
  public let driver: String
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The bands in the file's order, numbered from 1.
  public let bands: [BandDescription]
  /// GDAL's six coefficients from (column, row) of a pixel's corner to map coordinates:
  /// x = g0 + column · g1 + row · g2, y = g3 + column · g4 + row · g5. `nil` where the file has none.
  public let geoTransform: [Double]?
  /// Whether the file says by ground control points where it lies. What is written for it cannot:
  /// it would have to be warped.
  public let hasGroundControlPoints: Bool
  /// Square metres of ground that a pixel covers, or `nil` where the coordinate reference system is
  /// none that says so: it is not projected, or by Mercator, which swells towards the poles.
  public let pixelArea: Double?
  /// The coordinate reference system as WKT 2, or `nil` where the file has none.
  public let coordinateSystem: String?
  /// The coordinate reference system for people: `NAD83 / UTM zone 14N (EPSG:26914)`.
  public let coordinateSystemName: String?
  /// Columns of a block as stored: of a tile, or the whole width of a strip.
  public let blockWidth: Int
  /// Rows of a block as stored.
  public let blockHeight: Int
  /// How the file says which pixels hold data.
  public let maskKind: MaskKind
  /// Sizes of the overviews, largest first, as (width, height) windows at (0, 0).
  public let overviews: [Window]
  /// The compression's name, such as `DEFLATE`, or `nil` where there is none.
  public let compression: String?
  /// Whether the file declares itself a cloud-optimised GeoTIFF.
  public let isCloudOptimised: Bool
  /// Bytes of the file itself, sidecars not counted.
  public let fileSize: Int
  /// The metadata items of the default domain.
  public let metadata: [String: String]

  /// The window that covers the whole raster.
  public var fullWindow: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// Numbers, from 1, of the bands that hold data rather than transparency.
  public var dataBandIndices: [Int] {
    bands.filter { $0.colourInterpretation != .alpha }.map(\.index)
  }

  /// The number, from 1, of the first band that shows `interpretation`, or `nil`.
  public func bandIndex(showing interpretation: ColourInterpretation) -> Int? {
    bands.first { $0.colourInterpretation == interpretation }?.index
  }
}
