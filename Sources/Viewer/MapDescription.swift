internal import Foundation
internal import Raster

/// What the page is told of a map, as JSON.
struct MapDescription: Encodable {
  struct Class: Encodable {
    let value: Int
    let name: String
    let colour: String
    let pixels: Int?
  }

  let title: String
  let width: Int
  let height: Int
  let tileSide: Int
  let levels: Int
  /// From (column, row) of a pixel's corner to map coordinates.
  let geoTransform: [Double]?
  let coordinateSystem: String?
  /// Square metres a pixel.
  let pixelArea: Double?
  let classes: [Class]
  let image: String?
  /// Files that take the names.
  let named: [String]
  /// Why they do not.
  let refusal: String?

  init(_ map: ViewedMap, named: [String], refusal: String?) {
    title = Self.name(of: map.labels.path)
    width = map.labels.width
    height = map.labels.height
    tileSide = TileGrid.side
    levels = map.levels
    geoTransform = map.labels.geoTransform
    coordinateSystem = map.labels.coordinateSystemName
    pixelArea = map.labels.pixelArea
    image = map.image.map { Self.name(of: $0.description.path) }
    self.named = named.map(Self.name)
    self.refusal = refusal
    let table = map.labels.bands[0].colourTable
    classes = map.legend.entries.map { entry in
      // The map's own colours are what other programs show.
      let colour =
        entry.value < table.count
        ? table[entry.value] : entry.colour ?? ViewedMap.colour(of: entry.value)
      return Class(
        value: entry.value, name: entry.name, colour: "\(colour)",
        pixels: entry.pixelCount)
    }
  }

  private static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }
}
