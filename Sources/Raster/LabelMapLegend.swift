internal import CGDAL

/// The legend of a label map: which value means what.
public struct LabelMapLegend: Sendable, Equatable {
  /// One class of the legend.
  public struct Entry: Sendable, Equatable {
    /// The pixel value.
    public let value: Int
    /// The class's name.
    public let name: String
    /// The class's colour, where the file has one.
    public let colour: RGBColour?
    /// How many pixels have the value, where the file says so.
    public let pixelCount: Int?

    /// A class of a value, a name and, where they are known, a colour and its pixels.
    public init(value: Int, name: String, colour: RGBColour?, pixelCount: Int?) {
      self.value = value
      self.name = name
      self.colour = colour
      self.pixelCount = pixelCount
    }
  }

  /// The classes, in the order of the file.
  public let entries: [Entry]

  /// A legend of classes.
  public init(entries: [Entry]) {
    self.entries = entries
  }

  /// Sets a band's attribute table: value, name, red, green, blue, pixel count; without colours or
  /// counts where an entry has none.
  static func write(_ entries: [Entry], to band: GDALRasterBandH) -> CPLErr {
    let table = GDALCreateRasterAttributeTable()
    defer { GDALDestroyRasterAttributeTable(table) }
    func add(_ name: String, _ type: GDALRATFieldType, _ usage: GDALRATFieldUsage) -> Int32 {
      GDALRATCreateColumn(table, name, type, usage)
      return GDALRATGetColumnCount(table) - 1
    }
    let value = add("Value", GFT_Integer, GFU_MinMax)
    let name = add("Name", GFT_String, GFU_Name)
    let channels =
      entries.allSatisfy { $0.colour != nil }
      ? [("Red", GFU_Red), ("Green", GFU_Green), ("Blue", GFU_Blue)].map {
        add($0, GFT_Integer, $1)
      } : []
    // Counts are real numbers: an integer column ends at 2³¹.
    let count =
      entries.allSatisfy { $0.pixelCount != nil } ? add("Count", GFT_Real, GFU_PixelCount) : nil
    GDALRATSetTableType(table, GRTT_THEMATIC)
    GDALRATSetRowCount(table, Int32(entries.count))
    for (row, entry) in entries.enumerated() {
      let row = Int32(row)
      GDALRATSetValueAsInt(table, row, value, Int32(entry.value))
      GDALRATSetValueAsString(table, row, name, entry.name)
      if let colour = entry.colour {
        for (column, channel) in zip(channels, [colour.red, colour.green, colour.blue]) {
          GDALRATSetValueAsInt(table, row, column, Int32(channel))
        }
      }
      if let count, let pixels = entry.pixelCount {
        GDALRATSetValueAsDouble(table, row, count, Double(pixels))
      }
    }
    return GDALSetDefaultRAT(band, table)
  }

  /// Reads a band's attribute table, or `nil` where it has none with values and names.
  static func read(from band: GDALRasterBandH) -> [Entry]? {
    guard let table = GDALGetDefaultRAT(band) else { return nil }
    func column(_ usages: GDALRATFieldUsage...) -> Int32? {
      usages.lazy.map { GDALRATGetColOfUsage(table, $0) }.first { $0 >= 0 }
    }
    guard let value = column(GFU_MinMax, GFU_Min), let name = column(GFU_Name) else { return nil }
    let channels = [column(GFU_Red), column(GFU_Green), column(GFU_Blue)].compactMap { $0 }
    let count = column(GFU_PixelCount)
    return (0..<GDALRATGetRowCount(table)).map { row in
      func channel(_ index: Int) -> UInt8 {
        UInt8(clamping: GDALRATGetValueAsInt(table, row, channels[index]))
      }
      return Entry(
        value: Int(GDALRATGetValueAsInt(table, row, value)),
        name: GDALRATGetValueAsString(table, row, name).map { String(cString: $0) } ?? "",
        colour: channels.count == 3
          ? RGBColour(red: channel(0), green: channel(1), blue: channel(2)) : nil,
        pixelCount: count.flatMap { Int(exactly: GDALRATGetValueAsDouble(table, row, $0)) })
    }
  }
}

extension RasterFile {
  /// The legend of a band: of its attribute table; where it has none, of its category names and
  /// colour table without value 0 if that is nodata. `nil` where the file says nothing of classes.
  public func legend(ofBand index: Int = 1) throws -> LabelMapLegend? {
    try description.check(bands: [index])
    if let entries = GDALErrors.collecting({ _ in
      LabelMapLegend.read(from: dataset.band(index))
    }) {
      return LabelMapLegend(entries: entries)
    }
    let band = description.bands[index - 1]
    guard !band.categoryNames.isEmpty else { return nil }
    let entries = band.categoryNames.enumerated().compactMap { value, name in
      band.nodata == Double(value) || name.isEmpty
        ? nil
        : LabelMapLegend.Entry(
          value: value, name: name,
          colour: value < band.colourTable.count ? band.colourTable[value] : nil,
          pixelCount: nil)
    }
    return LabelMapLegend(entries: entries)
  }
}
