internal import IIC
internal import Raster
internal import Tensor

/// A raster opened for reading its pixels as a network takes them. One worker's own.
final class ScaledRaster {
  let file: RasterFile
  /// Bands in the network's order, counted from 1.
  let bands: [Int]
  /// The part used, in the raster's pixels.
  let window: Window
  private let mask: RasterFile?
  private let nodata: Double?
  private let scaling: [BandScaling]

  init(_ input: RasterInput, scaling: [BandScaling]) throws {
    file = try RasterFile.open(input.path)
    bands = try input.resolvedBands(of: file.description)
    window = try input.resolvedWindow(of: file.description)
    mask = try input.openMask(of: file.description)
    nodata = input.nodata
    self.scaling = scaling
    guard bands.count == scaling.count else {
      throw SegError(
        operation: "label", path: input.path,
        reason: "offers \(bands.count) bands where the model takes \(scaling.count) "
          + "(\(scaling.map(\.name).joined(separator: ", ")))",
        remedy: "choose \(scaling.count) with --bands, in that order")
    }
  }

  /// Whether each of the tile's own pixels gets a label, as far as the mask goes; nil for all.
  func isInside(_ tile: TilePlan.Tile) throws -> [Bool]? {
    try mask?.flags(of: tile.output.window)
  }

  /// The pixels of a tile as the network sees them: reflected beyond the edge, scaled, zero where
  /// there is no data. The image [1, height, width, bands] of `tile.input`, in the workers' memory,
  /// and whether each pixel has data.
  func input(
    of tile: TilePlan.Tile, on workers: Workers
  ) throws -> (image: Tensor, valid: [Bool]) {
    let patch = try file.read(tile.read.window, bands: bands, nodata: nodata)
    let columns = tile.columnSources(rasterWidth: file.description.width)
    let rows = tile.rowSources(rasterHeight: file.description.height)
    let count = bands.count
    var valid: [Bool] = []
    valid.reserveCapacity(rows.count * columns.count)
    let factors = scaling.map {
      (
        offset: $0.offset, factor: 1 / $0.scale,
        limits: BandScaling.limits(offset: $0.offset, scale: $0.scale)
      )
    }
    var image = Tensor(zeros: [1, rows.count, columns.count, count], on: workers)
    let source = patch.values.span
    image.withMutableSpan { target in
      var to = 0
      for row in rows {
        for column in columns {
          let pixel = row * tile.read.width + column
          let hasData = patch.valid[pixel]
          valid.append(hasData)
          if hasData {
            for band in 0..<count {
              let (offset, factor, limits) = factors[band]
              let scaled = (source[pixel * count + band] - offset) * factor
              target[to + band] = min(max(scaled, limits.lowerBound), limits.upperBound)
            }
          }
          to += count
        }
      }
    }
    return (image, valid)
  }
}
