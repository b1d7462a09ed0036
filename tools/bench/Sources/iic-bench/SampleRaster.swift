import Raster

/// A made-up raster of four Byte bands: fields of some hundred pixels, each of its own colour, and
/// grain over them.
struct SampleRaster {
  let side: Int

  /// Writes it as an uncompressed tiled GeoTIFF.
  func write(to path: String) throws {
    var writer = try RasterWriter(
      path: path, overwrite: true, grid: RasterGrid(width: side, height: side),
      bandNames: (1...4).map { "band \($0)" }, dataType: .uint8, format: .geoTIFF,
      creationOptions: ["COMPRESS": "NONE"])
    let tile = 512
    for row in stride(from: 0, to: side, by: tile) {
      for column in stride(from: 0, to: side, by: tile) {
        let window = Window(
          column: column, row: row, width: min(tile, side - column),
          height: min(tile, side - row))
        try writer.write(pixels(of: window), in: window)
      }
    }
    try writer.publish()
  }

  private func pixels(of window: Window) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(window.pixelCount * 4)
    for row in window.row..<window.row + window.height {
      for column in window.column..<window.column + window.width {
        // Borders lean, so that fields are no squares of the tiles.
        let field = Self.hash((column + row / 3) / 190, (row - column / 5 + side) / 130)
        let grain = Self.hash(column, row)
        for band in 0..<4 {
          let base = (field >> (8 * band)) & 0xFF
          let noise = (grain >> (8 * band)) & 0x1F
          values.append(Float(32 + base * 3 / 4 + noise))
        }
      }
    }
    return values
  }

  /// Bits that look drawn at random, the same for the same place.
  private static func hash(_ x: Int, _ y: Int) -> Int {
    var bits = UInt64(truncatingIfNeeded: x) << 32 | UInt64(truncatingIfNeeded: y) & 0xFFFF_FFFF
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((bits ^ (bits >> 31)) >> 1)
  }
}
